import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

// In a process of its own, whose memory is the client's and not that of other tests.
test('rest-rows: rows go in and out by HTTP, and what is cancelled leaves nothing', async (t) => {
  const script = join(import.meta.dirname, 'rest-rows.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '200000']);
  t.log(stdout);
  t.notRegex(stdout, /WRONG/);
});
