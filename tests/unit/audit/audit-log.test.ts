import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AuditStore } from '../../../ts/audit/audit-store.ts';
import {
  type AuditEvent,
  AuditLog,
  FileStore,
  MemoryStore,
  searchAudit,
  verifyFolder,
} from '../../../ts/audit/index.ts';
import type { Config } from '../../../ts/config/index.ts';
import { createLogger } from '../../../ts/monitoring/index.ts';
import { systemClock } from '../../../ts/util/clock.ts';

const config: Config['audit'] = {
  requests: false,
  segmentBytes: 1 << 20,
  maxSegments: 64,
  maxQueued: 1000,
  syncIntervalMs: 0,
};

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-audit-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function logOf(
  store: AuditStore,
  own: Partial<Config['audit']> = {},
  lines: string[] = [],
): AuditLog {
  const sink = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ level: 'info', format: 'json', sink });
  return new AuditLog({ store, clock: systemClock, log, config: () => ({ ...config, ...own }) });
}

const storeOf = (folder: string, segmentBytes = 1 << 20, maxSegments = 64): FileStore =>
  new FileStore({ folder, segmentBytes: () => segmentBytes, maxSegments: () => maxSegments });

const event = (action: string): AuditEvent => ({ type: 'server', action, result: 'success' });

async function record(log: AuditLog, count: number, name = 'step'): Promise<void> {
  for (let at = 0; at < count; at += 1) log.record(event(`${name}_${at}`));
  await log.close();
}

const segments = (folder: string): string[] => readdirSync(folder).toSorted();

const only = (folder: string): string => join(folder, segments(folder)[0] as string);

test('a chain goes on where it ended, and is whole', async (t) => {
  const folder = folderOf(t);
  await record(logOf(storeOf(folder)), 3);
  await record(logOf(storeOf(folder)), 2, 'later');
  const report = await verifyFolder(folder);
  // The record that begins the segment is one of them.
  t.deepEqual([report.records, report.first, report.last, report.problems], [6, 1, 6, []]);
  t.is(segments(folder).length, 1);
});

test('what is changed, cut out or put in is found, with the record', async (t) => {
  const folder = folderOf(t);
  await record(logOf(storeOf(folder)), 5);
  const path = only(folder);
  const whole = readFileSync(path, 'utf8');
  const lines = whole.trimEnd().split('\n');
  const faults: Readonly<Record<string, [string, RegExp]>> = {
    changed: [whole.replace('step_2', 'step_9'), /byte \d+: the record behind 3 was changed/],
    'cut out': [
      lines.toSpliced(2, 1).join('\n').concat('\n'),
      /line 3: record 4: record 2 stands before it/,
    ],
    'put in': [
      lines
        .toSpliced(2, 0, lines[1] as string)
        .join('\n')
        .concat('\n'),
      /line 3: record 2: record 2 stands before it/,
    ],
    'first changed': [whole.replace('first', 'second'), /line 1: it is no whole record/],
  };
  for (const [name, [text, why]] of Object.entries(faults)) {
    writeFileSync(path, text);
    const { problems } = await verifyFolder(folder);
    t.is(problems.length, 1, name);
    t.regex(problems[0] ?? '', why, name);
  }
  writeFileSync(path, whole);
  t.deepEqual((await verifyFolder(folder)).problems, []);
});

test('a write that was cut off is known to the next segment, byte for byte', async (t) => {
  const folder = folderOf(t);
  await record(logOf(storeOf(folder)), 2);
  const path = only(folder);
  appendFileSync(path, '{"action":"half');
  const open = await verifyFolder(folder);
  t.deepEqual([open.unfinishedBytes, open.problems], [15, []]);
  const lines: string[] = [];
  await record(logOf(storeOf(folder), {}, lines), 1, 'after');
  t.true(lines.some((line) => line.includes('a write that a crash cut off')));
  const report = await verifyFolder(folder);
  t.deepEqual([report.torn, report.unfinishedBytes, report.problems], [1, 0, []]);
  // Another end than the one that was found is a fault.
  writeFileSync(path, readFileSync(path, 'utf8').replace('half', 'hale'));
  t.regex((await verifyFolder(folder)).problems[0] ?? '', /the record behind 3 is no whole record/);
});

test('segments follow each other; the oldest goes, and the chain says so', async (t) => {
  const folder = folderOf(t);
  for (let round = 0; round < 8; round += 1) {
    await record(logOf(storeOf(folder, 2000, 3)), 5, `round${round}`);
  }
  t.is(segments(folder).length, 3);
  const report = await verifyFolder(folder);
  t.deepEqual(report.problems, []);
  t.true((report.first ?? 0) > 1);
  t.regex(readFileSync(only(folder), 'utf8'), /"reason":"full","removed":\["audit-/);
  // One of the middle that is gone is missed.
  rmSync(join(folder, segments(folder)[1] as string));
  t.regex((await verifyFolder(folder)).problems[0] ?? '', /stands before it/);
});

test('what a full queue drops is counted, logged and recorded', async (t) => {
  const folder = folderOf(t);
  const lines: string[] = [];
  const log = logOf(storeOf(folder), { maxQueued: 10 }, lines);
  for (let at = 0; at < 25; at += 1) log.record(event(`step_${at}`));
  t.is(log.counts.dropped, 15);
  await log.close();
  t.regex(readFileSync(only(folder), 'utf8'), /"records_dropped","metadata":\{"count":15\}/);
  t.is(lines.filter((line) => line.includes('are dropped')).length, 1);
  t.deepEqual((await verifyFolder(folder)).problems, []);
});

/** A disk that fails for a while, in the middle of a write. */
class FailingStore extends FileStore {
  failures = 0;

  override async append(lines: string): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('no space left');
    }
    await super.append(lines);
  }
}

test('a write that failed is made again; the chain has no hole', async (t) => {
  const folder = folderOf(t);
  const store = new FailingStore({ folder, segmentBytes: () => 1 << 20, maxSegments: () => 9 });
  const log = logOf(store);
  store.failures = 1;
  log.record(event('first'));
  await searchAudit(log, {}, { limit: 1, before: undefined });
  t.is(log.counts.failures, 1);
  log.record(event('second'));
  await log.close();
  const report = await verifyFolder(folder);
  t.deepEqual([report.records, report.problems], [3, []]);
});

test('a search answers pages, the newest first, and goes on before a number', async (t) => {
  const log = logOf(new MemoryStore());
  for (let at = 0; at < 10; at += 1) {
    log.record({ ...event(`step_${at}`), user: at % 2 === 0 ? 'ann' : 'bob' });
  }
  const first = await searchAudit(log, { user: 'ann' }, { limit: 3, before: undefined });
  t.deepEqual(
    first.items.map(({ action }) => action),
    ['step_8', 'step_6', 'step_4'],
  );
  const next = await searchAudit(log, { user: 'ann' }, { limit: 3, before: first.before });
  t.deepEqual(
    next.items.map(({ action }) => action),
    ['step_2', 'step_0'],
  );
  t.is(next.before, undefined);
  const none = await searchAudit(log, { from: '2999' }, { limit: 3, before: undefined });
  t.deepEqual(none.items, []);
  await log.close();
});

test('a record that is too long loses its metadata, not its place', async (t) => {
  const log = logOf(new MemoryStore());
  log.record({ ...event('long'), metadata: { text: 'x'.repeat(100_000) } });
  const { items } = await searchAudit(log, {}, { limit: 1, before: undefined });
  t.true(Number(items[0]?.metadata?.tooLong) > 100_000);
  await log.close();
});
