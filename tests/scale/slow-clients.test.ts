import test from 'ava';
import { runSlowClients } from './slow-clients.ts';

test('quick clients are answered beside slow ones', async (t) => {
  const lines: string[] = [];
  const report = (line: string) => lines.push(line);
  const share = await runSlowClients({ slow: 100, quick: 2, seconds: 0.3, rounds: 1, report });
  // How quickly is no matter of a test.
  t.true(share > 0);
  t.is(lines.length, 3);
});
