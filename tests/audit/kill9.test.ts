import test from 'ava';
import { killWriters } from './kill9.ts';

const KILLS = 3;
const TIMEOUT_MS = 120_000;

test('the chain is whole after a server that records was killed', async (t) => {
  t.timeout(TIMEOUT_MS);
  const { report } = await killWriters(KILLS, 1, (line) => t.log(line));
  t.deepEqual(report.problems, []);
  t.true(report.records > 0);
});
