import test from 'ava';
import { runKill9 } from './kill9.ts';

test('kill -9: acknowledged commits stay, others are there whole or not at all', async (t) => {
  const summary = await runKill9({ cycles: 3, seed: 1, report: (line) => t.log(line) });
  t.deepEqual(summary.problems, []);
  t.is(summary.cycles, 3);
  t.true(summary.acknowledged > 0);
});
