// Content hashes of source trees, and the stamp files that remember which hash was built.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './paths.js';

/** Every file below `folder` in a fixed order; dot files and those that `skip` names are left out. */
export function filesBelow(folder, skip = () => false) {
  const found = [];
  const pending = [folder];
  while (pending.length > 0) {
    const current = pending.pop();
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.name.startsWith('.') || skip(entry.name)) continue;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found.sort();
}

/** A hash over some words and the names and contents of some files. */
export function hashOf(words, files) {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(ROOT, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

export function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Written whole or not at all: a set-up that is cut off leaves no half stamp. */
export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, value);
  renameSync(temporary, path);
}
