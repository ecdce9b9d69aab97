import test from 'ava';
import { connection } from '../support/connection.ts';
import { startTestServer } from '../support/server.ts';
import { runKill9 } from './kill9.ts';

test('kill -9: acknowledged commits stay, others are there whole or not at all', async (t) => {
  const summary = await runKill9({
    cycles: 4,
    seed: 1,
    cyclesPerDirectory: 2,
    report: (line) => t.log(line),
  });
  t.deepEqual(summary.problems, []);
  t.is(summary.cycles, 4);
  t.true(summary.acknowledged > 0);
});

test('SIGTERM with a client that is still connected: an orderly end', async (t) => {
  const server = await startTestServer();
  const client = connection(server.port);
  await client.connect();
  await client.query('SELECT 1');
  t.is(await server.stop(), 0, server.log());
});
