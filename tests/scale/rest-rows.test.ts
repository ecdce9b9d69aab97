import test from 'ava';
import { runRestRows } from './rest-rows.ts';

test('rest-rows: rows go in and out by HTTP, and what is cancelled leaves nothing', async (t) => {
  t.deepEqual(await runRestRows({ rows: 200_000, report: (line) => t.log(line) }), []);
});
