// Bytes that no driver sends: the server answers with an error or closes, and goes on for others.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Random } from '../crash/random.ts';
import { connection } from '../support/connection.ts';
import { message, RawClient, startup } from '../support/raw-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

async function stillWell(t: ExecutionContext): Promise<void> {
  const client = connection(server.port);
  await client.connect();
  const { rows } = await client.query('SELECT 1 AS one');
  await client.end();
  t.deepEqual(rows, [{ one: 1 }]);
}

const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const join = (...parts: (Buffer | string)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));
const parse = (sql: string) => message('P', `\0${sql}\0\0\0`);
const bind = (...parts: (Buffer | string)[]) => message('B', join('\0\0', ...parts));
const sync = message('S');
const execute = message('E', '\0\0\0\0\0');

/** What is sent first, and the error before the connection is closed; '' where none is told. */
const FIRST_BYTES: readonly (readonly [string, Buffer, string])[] = [
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), ''],
  ['TLS without asking', Buffer.from('16030100c8010000c40303', 'hex'), ''],
  ['a length of 0', Buffer.alloc(64), ''],
  ['a negative length', join(int32(-1), int32(196608), 'user\0a\0\0'), ''],
  ['a length of 2 GiB', join(int32(0x7fffffff), int32(196608)), ''],
  ['an old protocol', message('', join(int32(131072), 'user\0a\0\0')), '0A000'],
  ['a protocol of the future', message('', join(int32(9 << 16), 'user\0a\0\0')), '0A000'],
  ['no end of the parameters', message('', join(int32(196608), 'user\0rustydb')), '08P01'],
  ['no user', message('', join(int32(196608), 'database\0rustydb\0\0')), '28000'],
  ['no such database', message('', join(int32(196608), 'user\0rustydb\0database\0b\0\0')), '3D000'],
];

for (const [what, bytes, state] of FIRST_BYTES) {
  test(`first bytes: ${what}`, async (t) => {
    const client = new RawClient(server.port);
    await client.connected();
    t.is(await client.send(bytes, 'Z'), 'closed');
    if (state !== '') t.is(client.errors[0]?.slice(0, 5), state, client.errors.join());
    await stillWell(t);
  });
}

/** What is sent by a client that is in, and the error before the connection is closed. */
const ENDING: readonly (readonly [string, Buffer, string])[] = [
  ['an unknown kind', message('y', 'abc'), '08P01'],
  ['a kind of 0', message('\0', 'abc'), '08P01'],
  ['a length of 3', join('Q', int32(3)), '08P01'],
  ['a length of 0', join('Q', int32(0)), '08P01'],
  ['a negative length', join('Q', int32(-5), 'SELECT 1\0'), '08P01'],
  ['a length of 2 GiB', join('Q', int32(0x7fffffff), 'SELECT 1\0'), ''],
];

for (const [what, bytes, state] of ENDING) {
  test(`messages that end the connection: ${what}`, async (t) => {
    const client = new RawClient(server.port);
    await client.start();
    t.is(await client.send(bytes, 'Z'), 'closed');
    t.is(client.errors.length, 1);
    t.regex(client.errors[0] ?? '', new RegExp(`^${state}`));
    await stillWell(t);
  });
}

const parameter = (...parts: (Buffer | string)[]) => join(parse('SELECT $1::int4'), ...parts, sync);

/** What is sent by a client that is in, and the error after which it can go on. */
const GOING_ON: readonly (readonly [string, Buffer, string])[] = [
  ['a text without its end', message('Q', 'SELECT 1'), '08P01'],
  ['bytes behind the text', message('Q', 'SELECT 1\0SELECT 2\0'), '08P01'],
  ['invalid UTF-8', message('Q', Buffer.from("SELECT '\xff'\0", 'latin1')), '22021'],
  ['a cut UTF-8 sequence', message('Q', Buffer.from("SELECT '\xe2\x82'\0", 'latin1')), '22021'],
  ['UTF-8 of a surrogate', message('Q', Buffer.from("SELECT '\xed\xa0\x80'\0", 'latin1')), '22021'],
  ['a function call', message('F', Buffer.alloc(14)), '0A000'],
  ['a password', join(message('p', 'secret\0'), sync), '08P01'],
  ['Parse: nothing in it', join(message('P'), sync), '08P01'],
  ['Parse: a negative count', join(message('P', join('\0SELECT 1\0', int16(-1))), sync), '08P01'],
  ['Parse: fewer types', join(message('P', join('\0SELECT 1\0', int16(9))), sync), '08P01'],
  ['Bind: no such statement', join(message('B', '\0missing\0\0\0\0\0\0\0'), sync), '26000'],
  ['Bind: nothing in it', join(message('B'), sync), '08P01'],
  ['Bind: too few parameters', parameter(bind(int16(0), int16(0), int16(0))), '08P01'],
  ['Bind: a negative count', parameter(bind(int16(0), int16(-1), int16(0))), '08P01'],
  [
    'Bind: format 7',
    parameter(bind(int16(1), int16(7), int16(1), int32(1), '1', int16(0))),
    '22023',
  ],
  ['Bind: a length beyond the end', parameter(bind(int16(0), int16(1), int32(1000), '1')), '08P01'],
  ['Bind: a length of -2', parameter(bind(int16(0), int16(1), int32(-2), int16(0))), '08P01'],
  [
    'Bind: an int4 of 3 bytes',
    parameter(bind(int16(1), int16(1), int16(1), int32(3), 'abc', int16(0))),
    '08P01',
  ],
  [
    'Bind: an int4 of 5 bytes',
    parameter(bind(int16(1), int16(1), int16(1), int32(5), 'abcde', int16(0))),
    '22P03',
  ],
  ['Bind: no number', parameter(bind(int16(0), int16(1), int32(3), 'abc', int16(0))), '22P02'],
  [
    'Bind: a number too large',
    parameter(bind(int16(0), int16(1), int32(20), '9'.repeat(20), int16(0))),
    '22003',
  ],
  [
    'Bind: NUL in a text',
    join(parse('SELECT $1::text'), bind(int16(0), int16(1), int32(3), 'a\0b', int16(0)), sync),
    '22021',
  ],
  [
    'Bind: invalid UTF-8',
    join(
      parse('SELECT $1::text'),
      bind(int16(0), int16(1), int32(1), Buffer.from([0xff]), int16(0)),
      sync,
    ),
    '22021',
  ],
  ['Execute: no such portal', join(message('E', 'missing\0\0\0\0\0'), sync), '34000'],
  ['Execute: no limit', join(message('E', '\0'), sync), '08P01'],
  ['Describe: of what', join(message('D', 'X\0'), sync), '08P01'],
  ['Describe: no such statement', join(message('D', 'Smissing\0'), sync), '26000'],
  ['Close: of what', join(message('C', 'X\0'), sync), '08P01'],
];

for (const [what, bytes, state] of GOING_ON) {
  test(`messages that the connection survives: ${what}`, async (t) => {
    const client = new RawClient(server.port);
    await client.start();
    t.is(await client.send(bytes, 'Z'), 'Z', client.errors.join());
    t.deepEqual(
      client.errors.map((error) => error.slice(0, 5)),
      [state],
      client.errors.join(),
    );
    t.is(await client.query('SELECT 1', 'Z'), 'Z');
    t.is(client.errors.length, 1);
    client.vanish(false);
  });
}

test('COPY data: invalid UTF-8, NUL bytes, and an end in the middle of a row', async (t) => {
  const client = new RawClient(server.port);
  await client.start();
  await client.query('CREATE TABLE bad_copy (a int, b text)', 'Z');
  const datas = [Buffer.from([0x31, 0x09, 0xff, 0x0a]), Buffer.from('1\ta\0b\n'), Buffer.from('1')];
  for (const data of datas) {
    await client.query('COPY bad_copy FROM STDIN', 'G');
    await client.send(message('d', data));
    await client.send(message('c'), 'Z');
  }
  const states = client.errors.map((error) => error.slice(0, 5));
  t.deepEqual(states, ['22021', '22021', '22P04'], client.errors.join());
  t.is(await client.query('SELECT * FROM bad_copy', 'Z'), 'Z');
  t.is(client.countOf('D'), 0);
  client.vanish(false);
});

test('messages out of place: COPY data without COPY, a query within it', async (t) => {
  const client = new RawClient(server.port);
  await client.start();
  await client.query('CREATE TABLE misplaced (a int)', 'Z');
  await client.send(join(message('d', '1\n'), message('c'), message('f', 'why\0')));
  t.is(await client.query('SELECT 1', 'Z'), 'Z');
  t.deepEqual(client.errors, []);
  await client.query('COPY misplaced FROM STDIN', 'G');
  await client.send(message('d', '1\n'));
  t.is(await client.query('SELECT 2', 'Z'), 'Z');
  t.is(client.errors[0]?.slice(0, 5), '08P01', client.errors.join());
  t.is(await client.query('SELECT * FROM misplaced', 'Z'), 'Z');
  client.vanish(false);
});

const FUZZED_CONNECTIONS = 200;

/** A session's bytes, with some of them changed, doubled or left out. */
function mutated(random: Random): Buffer {
  const session = join(
    message('Q', 'CREATE TABLE IF NOT EXISTS fuzzed (a int, b text)\0'),
    parse('INSERT INTO fuzzed VALUES ($1, $2)'),
    bind(int16(0), int16(2), int32(1), '7', int32(3), 'abc', int16(0)),
    message('D', 'P\0'),
    execute,
    sync,
    message('Q', 'COPY fuzzed FROM STDIN\0'),
    message('d', '1\tone\n2\ttwo\n'),
    message('c'),
    message('Q', 'SELECT * FROM fuzzed LIMIT 5; BEGIN; SELECT 1/0; ROLLBACK\0'),
  );
  let bytes = session;
  for (let change = random.below(8); change >= 0; change -= 1) {
    const at = random.below(bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const changes = [
      () => after.subarray(random.below(8)),
      () => join(after.subarray(0, random.below(16)), after),
      () => join(Buffer.from([random.below(256)]), after.subarray(1)),
    ];
    bytes = join(before, changes[random.below(changes.length)]?.() ?? after);
  }
  return bytes;
}

test('sessions with changed bytes: the server lives', async (t) => {
  const seed = randomInt(2 ** 31);
  t.log(`seed ${seed}`);
  const random = new Random(seed);
  for (let count = 0; count < FUZZED_CONNECTIONS; count += 1) {
    const client = new RawClient(server.port);
    await client.connected();
    if (random.chance(8)) await client.send(mutated(random));
    await client.send(join(startup(), mutated(random), sync, message('X')));
    await sleep(random.below(10));
    client.vanish(random.chance(2));
  }
  await stillWell(t);
});
