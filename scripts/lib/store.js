// Finished build products in the cache by the hash of their sources, so that a second clone of the
// same sources builds nothing. Holds the last few of each kind.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './paths.js';

const KEPT_MAX = 6;

function prune(folder) {
  const byAge = readdirSync(folder)
    .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of byAge.slice(KEPT_MAX)) rmSync(path, { recursive: true, force: true });
}

/** Copies the product `kind/hash` into `folder`; false where the store has none. */
export function fetchProduct(kind, hash, folder) {
  const from = join(CACHE, kind, hash);
  if (!existsSync(from)) return false;
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(from)) replaceFile(join(from, name), join(folder, name));
  utimesSync(from, new Date(), new Date());
  return true;
}

/** A loaded addon's file must not change under its process: a new file takes the name. */
export function replaceFile(from, to) {
  const temporary = `${to}.${process.pid}`;
  copyFileSync(from, temporary);
  renameSync(temporary, to);
}

/** Keeps `files` (paths) as the product `kind/hash`. */
export function keepProduct(kind, hash, files) {
  const folder = join(CACHE, kind);
  const place = join(folder, hash);
  if (existsSync(place)) return;
  const work = join(folder, `.${hash}.${process.pid}`);
  mkdirSync(work, { recursive: true });
  for (const file of files) cpSync(file, join(work, file.slice(file.lastIndexOf('/') + 1)));
  try {
    renameSync(work, place);
  } catch {
    rmSync(work, { recursive: true, force: true }); // another set-up was first
  }
  prune(folder);
}
