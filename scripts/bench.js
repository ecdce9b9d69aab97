// `npm run bench -- NAME [ARGUMENTS]`: runs one benchmark of benches/, a file `NAME.bench.ts`
// wherever below. Without a name: says which there are.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bin, ROOT } from './lib/paths.js';
import { main, run, ScriptError } from './lib/run.js';
import { filesBelow } from './lib/stamp.js';

const SUFFIX = '.bench.ts';

await main(() => {
  const folder = join(ROOT, 'benches');
  const files = existsSync(folder)
    ? filesBelow(folder).filter((file) => file.endsWith(SUFFIX))
    : [];
  const names = files.map((file) => basename(file, SUFFIX));
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) {
    process.stdout.write(`npm run bench -- NAME, with NAME one of: ${names.join(', ')}\n`);
    return;
  }
  const file = files[names.indexOf(name)];
  if (file === undefined) {
    throw new ScriptError(`no benchmark ${name}; there are: ${names.join(', ') || 'none'}`);
  }
  run(bin('node'), [file, ...args], { cwd: ROOT, stdio: 'inherit' });
});
