// The examples of docs/in-process.md say what they print.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/in-process.md'), 'utf8');
const examples = [...page.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];

test('the page has examples', (t) => {
  t.is(examples.length, (page.match(/```js/g) ?? []).length);
  t.true(examples.length >= 4);
});

for (const [at, [, code = '', printed = '']] of examples.entries()) {
  test(`example ${at + 1}`, async (t) => {
    // Inside the tree, so that `rustydb` is this package.
    const folder = mkdtempSync(join(ROOT, 'tests/docs/.example-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'example.mjs');
    writeFileSync(file, code);
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    t.is(stdout, printed);
  });
}
