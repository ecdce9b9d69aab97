// Where things are: the tree, the caches outside it, and the marks that say what is up to date.
//
// The cache is shared by every clone of one user: cargo's target folder, libclang where the machine
// has none, and finished addons by the hash of their sources.
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rustydb');

/** Cargo's target folder; one for all clones, so that a second clone finds the dependencies built. */
export const TARGET = process.env.CARGO_TARGET_DIR || join(CACHE, 'target');

export const NODE_MODULES = join(ROOT, 'node_modules');
export const BIN = join(NODE_MODULES, '.bin');

/** A tool that the locked dependencies bring. */
export function bin(name) {
  return join(BIN, process.platform === 'win32' ? `${name}.cmd` : name);
}
