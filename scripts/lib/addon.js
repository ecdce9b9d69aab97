// The engine's addon: built by the napi command from bindings/node, found again by its sources.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD_TOOLS, requireTools } from '../check-tools.js';
import { cargoEnvironment } from './libclang.js';
import { bin, CACHE, ROOT, TARGET } from './paths.js';
import { run } from './run.js';
import { filesBelow, hashOf, readStamp, writeStamp } from './stamp.js';
import { fetchProduct, keepProduct, replaceFile } from './store.js';

const FOLDER = join(ROOT, 'bindings/node');
const STAMP = join(FOLDER, '.addon-stamp');
const LOADER = ['index.js', 'index.d.ts'];

/** `release`, or `dev` for whoever works on the native side (RUSTYDB_PROFILE=dev). */
function profile() {
  return process.env.RUSTYDB_PROFILE === 'dev' ? 'dev' : 'release';
}

const isBuilt = (name) => name.endsWith('.node') || LOADER.includes(name);

function wanted() {
  return hashOf(
    ['addon', profile(), process.platform, process.arch],
    [
      join(ROOT, 'Cargo.toml'),
      join(ROOT, 'Cargo.lock'),
      ...filesBelow(join(ROOT, 'native'), (name) => name === 'target'),
      ...filesBelow(FOLDER, isBuilt),
    ],
  );
}

function products(folder) {
  return readdirSync(folder)
    .filter(isBuilt)
    .map((name) => join(folder, name));
}

export function isAddonBuilt() {
  return readStamp(STAMP) === wanted() && products(FOLDER).length === LOADER.length + 1;
}

function build() {
  requireTools(BUILD_TOOLS);
  process.stderr.write(
    `set-up: building the engine (${profile()}); the first time takes minutes\n`,
  );
  // Built beside its place, then put there by rename: a server that runs keeps its own file.
  const output = join(CACHE, `addon-build.${process.pid}`);
  mkdirSync(output, { recursive: true });
  const args = ['build', '--platform', '--esm', '--js', 'index.js', '--dts', 'index.d.ts'];
  if (profile() === 'release') args.push('--release');
  args.push('--manifest-path', join(FOLDER, 'Cargo.toml'));
  args.push('--package-json-path', join(ROOT, 'package.json'));
  args.push('--output-dir', output, '--target-dir', TARGET);
  try {
    run(bin('napi'), args, { cwd: ROOT, env: cargoEnvironment() });
    const files = products(output);
    if (files.length !== LOADER.length + 1) throw new Error('the build made no loader');
    return { output, files };
  } catch (error) {
    rmSync(output, { recursive: true, force: true });
    throw error;
  }
}

/** Builds the addon, or takes it from the store where the same sources were built before. */
export function buildAddon() {
  // Taken before the build: a source that changes while it runs makes the next set-up build again.
  const hash = wanted();
  if (!fetchProduct('addon', hash, FOLDER)) {
    const { output, files } = build();
    for (const file of files) replaceFile(file, join(FOLDER, file.slice(output.length + 1)));
    keepProduct('addon', hash, files);
    rmSync(output, { recursive: true, force: true });
  }
  writeStamp(STAMP, hash);
}
