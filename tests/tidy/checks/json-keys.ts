// No object of a JSON file names a key twice: the parser would take the last and say nothing.
import type { Problem, SourceFile } from '../source-file.ts';

/** A string, or a mark that opens, closes or divides. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** An object's keys so far; undefined for a list. */
type Open = Set<string> | undefined;

function doubleKeys(text: string): readonly string[] {
  const open: Open[] = [];
  const found: string[] = [];
  const tokens = [...text.matchAll(TOKEN)].map(([token]) => token);
  for (const [at, token] of tokens.entries()) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    const keys = open.at(-1);
    const isKey = token.startsWith('"') && tokens[at + 1] === ':' && keys !== undefined;
    if (!isKey) continue;
    if (keys.has(token)) found.push(token);
    keys.add(token);
  }
  return found;
}

export function checkJsonKeys(files: readonly SourceFile[]): readonly Problem[] {
  return files
    .filter(({ path }) => path.endsWith('.json'))
    .flatMap(({ path, text }) =>
      doubleKeys(text).map((key) => `${path}: the key ${key} is there twice in one object`),
    );
}
