// The kernels addon: the C++ of native/simd once more, over typed arrays, by node-gyp. Optional:
// where it cannot be built, its users fall back on the engine's addon, and a line says why.
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { missingTools } from '../check-tools.js';
import { bin, NODE_MODULES, ROOT } from './paths.js';
import { run } from './run.js';
import { filesBelow, hashOf, readStamp, writeStamp } from './stamp.js';
import { fetchProduct, keepProduct } from './store.js';

const RECIPE = join(ROOT, 'binding.gyp');
const FOLDER = join(ROOT, 'bindings/simd');
const PRODUCT = join(FOLDER, 'rustydb_simd.node');
const STAMP = join(FOLDER, '.kernels-stamp');

function wanted() {
  return hashOf(
    ['kernels', process.platform, process.arch],
    [
      RECIPE,
      ...filesBelow(join(ROOT, 'native/simd/cpp')),
      ...filesBelow(FOLDER, (name) => name.endsWith('.node')),
    ],
  );
}

export function isKernelsBuilt() {
  if (!existsSync(RECIPE)) return true;
  // A build that failed is not tried again until a source changes: the stamp stands without file.
  return readStamp(STAMP) === wanted();
}

/** Node's own headers, from the package that brought it: node-gyp would download them otherwise. */
function nodeFolder() {
  const candidates = [
    join(NODE_MODULES, `node-${process.platform}-${process.arch}`),
    join(NODE_MODULES, `node-bin-${process.platform}-${process.arch}`),
    dirname(dirname(process.execPath)),
  ];
  return candidates.find((folder) => existsSync(join(folder, 'include/node/common.gypi')));
}

function build() {
  const nodedir = nodeFolder();
  if (nodedir === undefined) throw new Error('no Node headers');
  const missing = missingTools(['g++', 'python3']);
  if (missing.length > 0) throw new Error(missing.join('; '));
  process.stderr.write('set-up: building the kernels addon\n');
  const args = ['rebuild', '--loglevel=error', `--nodedir=${nodedir}`];
  run(bin('node-gyp'), args, { cwd: ROOT, quiet: true });
}

export function buildKernels() {
  const hash = wanted();
  if (!fetchProduct('kernels', hash, FOLDER)) {
    try {
      build();
      keepProduct('kernels', hash, [PRODUCT]);
    } catch (error) {
      rmSync(PRODUCT, { force: true });
      process.stderr.write(`set-up: going on without the kernels addon: ${error.message}\n`);
    }
  }
  writeStamp(STAMP, hash);
}
