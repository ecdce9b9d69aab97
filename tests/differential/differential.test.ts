// A short run of tests/differential/run.ts.
import test from 'ava';
import { startOracle } from '../support/oracle.ts';
import { startTestServer } from '../support/server.ts';
import { compare } from './compare.ts';

test('generated statements are answered as PostgreSQL 15 answers them', async (t) => {
  t.timeout(300_000);
  const oracle = await startOracle();
  t.teardown(() => oracle.stop());
  const server = await startTestServer({ flags: ['--data.sync', 'off'] });
  t.teardown(() => server.stop());
  const { statements, notBuilt, differences } = await compare({
    oursUrl: `postgres://rustydb@127.0.0.1:${server.port}/rustydb`,
    theirsUrl: oracle.url,
    seed: 1,
    statements: 2000,
    maxDifferences: 5,
  });
  t.deepEqual(differences, []);
  t.deepEqual([...notBuilt], []);
  t.true(statements >= 2000);
});
