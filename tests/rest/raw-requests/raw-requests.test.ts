// Raw bytes sent to our HTTP port and to a server of node:http: ours is never laxer. It never answers
// what the other refuses, never sees two requests where the other sees one, and never gives one the
// answer of another. Each case is sent three ways: as the first bytes of a connection, on one that is
// on the express lane, and on one that node:http has.
import { connect } from 'node:net';
import test from 'ava';
import { startTestServer } from '../../support/server.ts';
import { answersOf, type RawAnswer, whyLaxer } from './answers.ts';
import { bodyOf, RAW_CASES, type RawCase, raw } from './cases.ts';
import { startPlainServer } from './plain-server.ts';

const [ours, plain] = await Promise.all([
  startTestServer({ flags: ['--network.front_threads', '3'] }),
  startPlainServer(),
]);
test.after.always(async () => {
  plain.stop();
  await ours.stop();
});

const TIMEOUT_MS = 120_000;
/** Connections at one time. */
const AT_ONCE = 8;

/** Answered by node:http, which then closes. */
const LAST = Buffer.from(
  'GET /api/v1/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
);
/** What comes on a connection first. */
const WAYS: Readonly<Record<string, Buffer | undefined>> = {
  'as the first bytes': undefined,
  'on the lane': raw({ body: bodyOf(7) }),
  'on node:http': raw({ start: 'GET /api/v1/version HTTP/1.1', body: '', framing: [] }),
};

interface Talk {
  readonly port: number;
  /** Sent first, and waited for. */
  readonly first?: Buffer | undefined;
  readonly pieces: readonly Buffer[];
  readonly ends?: RawCase['ends'] | undefined;
}

/** All that the server says until it closes. */
function talk({ port, first, pieces, ends }: Talk): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  let text = '';
  const sendAll = async (): Promise<void> => {
    for (const piece of pieces) {
      socket.write(piece);
      // So that they are read one by one, mostly.
      if (pieces.length > 1) await new Promise((done) => setTimeout(done, 1));
    }
    if (ends === 'at once') socket.end();
  };
  let isSent = first === undefined;
  socket.on('connect', () => {
    if (first === undefined) void sendAll();
    else socket.write(first);
  });
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    // Answers that somebody waits for here are JSON in one piece.
    if (!/\r\n\r\n.*\}$/s.test(text)) return;
    if (isSent && ends === 'when answered') socket.end();
    if (isSent) return;
    isSent = true;
    text = '';
    void sendAll();
  });
  // A server that refuses may reset what it has not read.
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('close', () => resolve(text));
  return promise;
}

async function compare(
  name: string,
  asked: Omit<Talk, 'port'>,
): Promise<{ readonly problem: string | undefined; readonly answers: readonly RawAnswer[] }> {
  const texts = await Promise.all(
    [plain.port, ours.httpPort].map((port) => talk({ ...asked, port })),
  );
  const [other = [], own = []] = texts.map(answersOf);
  const why = whyLaxer(own, other);
  const shown = `${JSON.stringify(own)} where node:http gives ${JSON.stringify(other)}`;
  return { problem: why === undefined ? undefined : `${name}: ${why}: ${shown}`, answers: own };
}

/** What is wrong with any of them, some at a time. */
async function problemsOf<Item>(
  items: readonly Item[],
  problemOf: (item: Item) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const queue = [...items];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const problem = await problemOf(item);
      if (problem !== undefined) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return problems;
}

for (const [way, first] of Object.entries(WAYS)) {
  test(`no request is answered more laxly than by node:http: ${way}`, async (t) => {
    t.timeout(TIMEOUT_MS);
    t.true(RAW_CASES.length >= 60);
    const problems = await problemsOf(RAW_CASES, async ({ name, bytes, ends }) => {
      const pieces = [ends === undefined ? Buffer.concat([bytes, LAST]) : bytes];
      return (await compare(name, { first, pieces, ends })).problem;
    });
    t.deepEqual(problems, []);
  });

  test(`a request cut at any byte is one request: ${way}`, async (t) => {
    t.timeout(TIMEOUT_MS);
    const whole = Buffer.concat([raw(), raw({ body: bodyOf(2) }), LAST]);
    const cuts = Array.from({ length: whole.length - 1 }, (_, at) => at + 1);
    const problems = await problemsOf(cuts, async (cut) => {
      const pieces = [whole.subarray(0, cut), whole.subarray(cut)];
      const rows = answersOf(await talk({ port: ours.httpPort, first, pieces })).map(
        ({ row }) => row,
      );
      return `${rows}` === '1,2,' ? undefined : `cut at ${cut}: ${rows}`;
    });
    t.deepEqual(problems, []);
  });
}

test('a request that comes byte by byte is one request', async (t) => {
  t.timeout(TIMEOUT_MS);
  for (const bytes of [raw(), raw({ headers: ['X-Other: 1'] })]) {
    const pieces = [...Buffer.concat([bytes, LAST])].map((byte) => Buffer.of(byte));
    const { problem, answers } = await compare('byte by byte', { pieces });
    t.is(problem, undefined);
    t.deepEqual(
      answers.map(({ row }) => row),
      [1, undefined],
    );
  }
});
