import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { SpoolRoom, UploadSpool } from '../../../ts/services/jobs/upload-spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'rustydb-spool-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

async function textOf(spool: UploadSpool): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of spool) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test('one side reads what the other still writes; the file has no name', async (t) => {
  const room = new SpoolRoom(1e9);
  // Its own: other tests' files have their names for a moment.
  const own = mkdtempSync(join(folder, 'own-'));
  const spool = await UploadSpool.create(own, room);
  t.deepEqual(readdirSync(own), []);
  const reading = textOf(spool);
  const parts = Array.from({ length: 50 }, (_, n) => String(n).repeat(n * 1000));
  for (const part of parts) await spool.write(Buffer.from(part));
  spool.complete();
  t.is(await reading, parts.join(''));
  t.is(spool.readBytes, spool.writtenBytes);
  t.is(room.bytes, spool.writtenBytes);
  await spool.close();
  await spool.close();
  t.is(room.bytes, 0);
});

test('a reader that waits hears that the rest does not come', async (t) => {
  const spool = await UploadSpool.create(folder, new SpoolRoom(100));
  const reading = textOf(spool);
  await spool.write(Buffer.from('abc'));
  spool.fail(new Error('gone'));
  await t.throwsAsync(reading, { message: 'gone' });
  await spool.close();
});

test('all spools together have so much room', async (t) => {
  const room = new SpoolRoom(10);
  const [one, other] = [
    await UploadSpool.create(folder, room),
    await UploadSpool.create(folder, room),
  ];
  await one.write(Buffer.alloc(6));
  await t.throwsAsync(other.write(Buffer.alloc(5)), {
    message: 'the room for uploads of jobs exhausted (limit 10 bytes)',
  });
  await one.close();
  // Nobody reads it any more: it takes no room.
  await one.write(Buffer.alloc(50));
  await other.write(Buffer.alloc(10));
  t.is(room.bytes, 10);
  await other.close();
});

test('a folder that is not there is an error of ours', async (t) => {
  const error = await t.throwsAsync(UploadSpool.create(join(folder, 'none'), new SpoolRoom(1)));
  t.like(error, { code: 'IO_ERROR', sqlstate: '58030' });
});
