// Writes every generated file from its one source. `npm run generate` after a source changed;
// tests/tidy/generated.test.ts fails while a committed file differs from what this makes.
//
//   node scripts/generate.ts            write what differs
//   node scripts/generate.ts --check    write nothing, exit with 1 where something differs
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configurationFiles } from './generators/configuration.ts';
import { errorFiles } from './generators/errors.ts';
import { sqlstateFiles } from './generators/sqlstates.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** Every generated file: its path from the root, and what must stand in it. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [...sqlstateFiles(ROOT), ...errorFiles(ROOT), ...configurationFiles()];
}

export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** The generated files whose committed content is not what its source makes. */
export function staleFiles(): readonly GeneratedFile[] {
  return generatedFiles().filter(({ path, content }) => {
    const file = join(ROOT, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== content;
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const stale = staleFiles();
  const check = process.argv.includes('--check');
  for (const { path, content } of stale) {
    if (!check) writeFileSync(join(ROOT, path), content);
    process.stderr.write(`${check ? 'stale' : 'wrote'} ${path}\n`);
  }
  if (check && stale.length > 0) process.exitCode = 1;
}
