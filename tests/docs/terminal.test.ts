// The examples of docs/terminal.md say what they print: run in order, in one folder, on one server.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startTestServer } from '../support/server.ts';
import { clientEnvironment, MAIN } from '../terminal/support.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/terminal.md'), 'utf8');
const examples = [...page.matchAll(/```sh\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];

/** Times and rates differ from run to run. */
const withoutTimes = (text: string): string =>
  text.replace(/in \d+\.\d+ s \([\d,]+ rows\/s\)/g, 'in TIME');

test('the examples of the page', async (t) => {
  t.is(examples.length, (page.match(/```sh/g) ?? []).length);
  t.true(examples.length >= 7);
  const server = await startTestServer();
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-docs-'));
  t.teardown(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [, code = '', printed = ''] of examples) {
    const script = code.replaceAll('npx rustydb', `'${process.execPath}' '${MAIN}'`);
    const { stdout, stderr } = spawnSync('sh', ['-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: clientEnvironment(server.port),
    });
    t.is(withoutTimes(stderr + stdout), withoutTimes(printed), code);
  }
});
