// Patterns of names as backslash commands take them: `*` and `?` stand for any characters and any
// one, a dot stands between schema and name, double quotes keep what they hold as it is.
import { quoteLiteral } from '../../util/quoting.ts';

interface NamePattern {
  readonly schema: string | undefined;
  readonly name: string;
}

/** The regular expressions of a pattern's parts. */
export function parsePattern(pattern: string): NamePattern {
  const parts = [''];
  let isQuoted = false;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    const last = parts.length - 1;
    const add = (text: string) => {
      parts[last] += text;
    };
    if (character === '"') {
      if (isQuoted && pattern[index + 1] === '"') {
        add('"');
        index += 1;
      } else isQuoted = !isQuoted;
    } else if (isQuoted) add(/[|*+?()[\]{}.^$\\]/.test(character) ? `\\${character}` : character);
    else if (character === '*') add('.*');
    else if (character === '?') add('.');
    else if (character === '$') add('\\$');
    else if (character === '.' && parts.length < 2) parts.push('');
    else add(character.toLowerCase());
  }
  const name = parts.pop() ?? '';
  return { schema: parts.pop(), name };
}

/** Where a pattern applies: the expressions of a query that it is compared with. */
export interface PatternTarget {
  readonly schema?: string;
  readonly name: string;
  /** True of what needs no schema; asked where the pattern names none. */
  readonly visible?: string;
}

const matches = (expression: string, part: string): string =>
  part === '.*' ? 'true' : `${expression} OPERATOR(pg_catalog.~) ${quoteLiteral(`^(${part})$`)}`;

/** The condition of a pattern; without one, what is visible. */
export function patternCondition(pattern: string | undefined, target: PatternTarget): string {
  const { schema, name, visible } = target;
  if (pattern === undefined) return visible ?? 'true';
  const parsed = parsePattern(pattern);
  const conditions = [matches(name, parsed.name)];
  if (parsed.schema !== undefined && schema !== undefined) {
    conditions.push(matches(schema, parsed.schema));
  } else if (visible !== undefined) conditions.push(visible);
  return conditions.join(' AND ');
}
