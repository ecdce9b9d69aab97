// The locked npm dependencies, Node itself among them (tools/node).
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { requireTools } from '../check-tools.js';
import { bin, NODE_MODULES, ROOT } from './paths.js';
import { run } from './run.js';
import { hashOf, readStamp, writeStamp } from './stamp.js';

const STAMP = join(NODE_MODULES, '.rustydb-install');

function wanted() {
  const files = ['package.json', 'package-lock.json', 'tools/node/package.json'];
  return hashOf(
    ['install', process.platform, process.arch],
    files.map((file) => join(ROOT, file)),
  );
}

export function isInstalled() {
  return readStamp(STAMP) === wanted() && existsSync(bin('node'));
}

/**
 * `npm install --no-save`, not `npm ci`: it takes what is locked, leaves the lock file alone, does
 * not delete the Node that may be running this, and stands a lock file without some other
 * platform's optional package. It runs on the machine's Node, hence the shortened PATH.
 */
export function install() {
  requireTools(['npm']);
  process.stderr.write('set-up: installing the locked npm dependencies\n');
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !/[\\/]node_modules([\\/]|$)/.test(folder))
    .join(delimiter);
  // No package's own install script: each of ours comes with what it needs, and some would build it
  // again from source.
  run(
    'npm',
    ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: ROOT,
      env: { ...process.env, PATH: path },
    },
  );
  writeStamp(STAMP, wanted());
}
