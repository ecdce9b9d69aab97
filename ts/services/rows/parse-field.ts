import type { Field, JsonStep } from './row-query.ts';
import type { TextScanner } from './text-scanner.ts';

/** The most steps into a JSON value. */
const STEPS_MAX = 64;

/** `->key`, `->>key`, `->0`, as many as there are. */
export function parsePath(scanner: TextScanner): readonly JsonStep[] {
  const steps: JsonStep[] = [];
  while (scanner.takes('->')) {
    const asText = scanner.takes('>');
    const isQuoted = scanner.sees('"');
    const key = scanner.name('a key');
    const isIndex = !isQuoted && /^-?\d{1,9}$/.test(key);
    steps.push({ key: isIndex ? Number(key) : key, asText });
    if (steps.length > STEPS_MAX) scanner.fail(`expected at most ${STEPS_MAX} steps`);
  }
  return steps;
}

/** `column`, `column->key->>key`. */
export function parseField(scanner: TextScanner): Field {
  const name = scanner.name('a column');
  return { name, path: parsePath(scanner) };
}
