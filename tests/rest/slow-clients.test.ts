// Clients that stop in the middle of something, on every thread: each hears why, and is let go. How
// long that takes is asked of a clock of ours in tests/unit/rest/http-connection.test.ts.
import { connect } from 'node:net';
import test from 'ava';
import { startTestServer } from '../support/server.ts';

const MANY = 12;
const HEAD =
  'POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
  'Content-Length: 100\r\n\r\n';
const QUERY = `${HEAD.replace('100', '23')}{"sql":"SELECT 1 AS n"}`;

/** All that the server says until it closes. */
function talk(port: number, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port });
  let answer = '';
  socket.on('connect', () => socket.write(text));
  socket.on('data', (part: Buffer) => {
    answer += part.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(answer));
  return promise;
}

test('half-sent requests are answered 408 and closed, silent connections closed', async (t) => {
  const limits = ['--api.header_timeout', '1s', '--api.progress_timeout', '1s'];
  const server = await startTestServer({ flags: ['--network.front_threads', '3', ...limits] });
  t.teardown(() => server.stop());
  const all = (text: string) =>
    Promise.all(Array.from({ length: MANY }, () => talk(server.httpPort, text)));
  const [silent, heads, bodies, later] = await Promise.all([
    all(''),
    all(HEAD.slice(0, 60)),
    all(`${HEAD}{"sql":`),
    all(`${QUERY}${HEAD}{"sql":`),
  ]);
  const timedOut = (what: string) =>
    new RegExp(`^HTTP/1\\.1 408 .*"code":"TIMEOUT","message":"the ${what} of the request`, 's');
  for (const answer of silent) t.true(answer === '' || timedOut('head').test(answer), answer);
  for (const answer of heads) t.regex(answer, timedOut('head'));
  for (const answer of bodies) t.regex(answer, timedOut('body'));
  for (const answer of later) {
    t.regex(answer, /^HTTP\/1\.1 200 .*"rows":\[\{"n":1\}\].*HTTP\/1\.1 408 .*"TIMEOUT"/s);
  }
});
