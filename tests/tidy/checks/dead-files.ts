// Files that nothing reaches: a TypeScript module without an importer, a Rust file that no `mod`
// declares, a script that no npm script runs.
import { posix } from 'node:path';
import { blankRust } from '../blank.ts';
import type { Problem, SourceFile } from '../source-file.ts';
import { importsOf } from './arrows.ts';

const TS_ROOTS = /^(ts\/(main|server)\.ts|ts\/client\/index\.ts|tests\/.*|benches\/.*)$/;

/** A server module may be reached from its test alone while the part that uses it is being built. */
function reachable(files: readonly SourceFile[], roots: readonly string[]): readonly string[] {
  const seen = [...roots];
  for (let index = 0; index < seen.length; index += 1) {
    const path = seen[index] ?? '';
    const text = files.find((file) => file.path === path)?.text ?? '';
    // A literal such as './server.ts' that is imported by variable counts as well.
    const mentioned = [...text.matchAll(/['"](\.{1,2}\/[^'"\n]+\.(?:ts|js))['"]/g)];
    for (const specifier of [...importsOf(text), ...mentioned.map((found) => found[1] ?? '')]) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier);
      if (!seen.includes(target)) seen.push(target);
    }
  }
  return seen;
}

export function checkDeadModules(files: readonly SourceFile[]): readonly Problem[] {
  const paths = files.map(({ path }) => path);
  const scripts = files.find(({ path }) => path === 'package.json')?.text ?? '';
  const roots = paths.filter(
    (path) => TS_ROOTS.test(path) || path.startsWith('scripts/runners/') || scripts.includes(path),
  );
  const seen = reachable(files, roots);
  return paths
    .filter((path) => /^(ts|scripts)\/.*\.(ts|js)$/.test(path) && !path.endsWith('.d.ts'))
    .filter((path) => !seen.includes(path))
    .map((path) => `${path}: nothing imports or runs it`);
}

/** The files that may declare a Rust file as their module. */
function parentsOf(path: string): readonly string[] {
  const folder = posix.dirname(path);
  const owner = posix.basename(path) === 'mod.rs' ? posix.dirname(folder) : folder;
  return [`${owner}/mod.rs`, `${owner}/lib.rs`, `${owner}/main.rs`, `${owner}.rs`];
}

export function checkDeadRust(files: readonly SourceFile[]): readonly Problem[] {
  return files
    .filter(({ path }) => /^(native|bindings)\/\w+\/src\/.*\.rs$/.test(path))
    .filter(({ path }) => !/\/src\/(lib|main)\.rs$|\/src\/bin\//.test(path))
    .filter(({ path }) => {
      const isFolder = posix.basename(path) === 'mod.rs';
      const name = posix.basename(isFolder ? posix.dirname(path) : path, '.rs');
      const declares = new RegExp(`\\bmod\\s+(r#)?${name}\\s*;`);
      return !parentsOf(path).some((parent) => {
        const text = files.find((file) => file.path === parent)?.text;
        return text !== undefined && parent !== path && declares.test(blankRust(text));
      });
    })
    .filter(({ path }) => !isIncluded(path, files))
    .map(({ path }) => `${path}: no module declares it`);
}

/** True for a file that another names by `#[path = "..."]` or `include!("...")`. */
function isIncluded(path: string, files: readonly SourceFile[]): boolean {
  const name = posix.basename(path);
  return files.some(
    (file) =>
      file.path.endsWith('.rs') &&
      new RegExp(`(path = |include!\\()"[^"]*\\b${name.replace('.', '\\.')}"`).test(file.text),
  );
}
