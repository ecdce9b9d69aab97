import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../../..');

/** Every module that is loaded with a file: static imports alone, types left out. */
function loadedWith(file: string): string[] {
  const loaded = [file];
  for (const path of loaded) {
    if (!path.endsWith('.ts')) continue;
    const code = stripTypeScriptTypes(readFileSync(path, 'utf8'), { mode: 'strip' });
    for (const [, specifier = ''] of code.matchAll(
      /^(?:import|export)\b[^'"]*?['"]([^'"]+)['"]/gm,
    )) {
      const target = specifier.startsWith('.') ? join(dirname(path), specifier) : specifier;
      if (!loaded.includes(target)) loaded.push(target);
    }
  }
  return loaded.map((path) => (path.startsWith('/') ? relative(ROOT, path) : path));
}

test('start loads no client', (t) => {
  const loaded = loadedWith(join(ROOT, 'ts/commands/program.ts'));
  t.true(loaded.includes('ts/commands/start.ts'));
  t.deepEqual(
    loaded.filter((path) => /^(pg|pg-copy-streams|ts\/terminal\/.*)$/.test(path)),
    [],
  );
  t.true(loadedWith(join(ROOT, 'ts/commands/sql.ts')).includes('pg'));
});
