import test from 'ava';
import { runConnections } from './connections.ts';

test('connections: many at once, quick ones, vanishing ones; nothing of them stays', async (t) => {
  const report = (line: string) => t.log(line);
  const sizes = { idle: 60, active: 10, statementsEach: 40, quick: 100 };
  t.deepEqual(await runConnections({ ...sizes, report }), []);
});
