#!/usr/bin/env node
// `npx rustydb`: the program on the Node that the tree has locked, whatever Node calls this.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bin, ROOT } from '../scripts/lib/paths.js';

const node = bin('node');
if (!existsSync(node)) {
  process.stderr.write('rustydb: not set up yet; `npm start` does it, once\n');
  process.exit(2);
}
const child = spawn(node, [join(ROOT, 'ts/main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The terminal sends its signals to both; others are passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal);
  });
}
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 128);
});
