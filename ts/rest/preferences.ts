// `Prefer` (RFC 7240): what a client would like of an answer, and what of it is done.
import { RustyError } from '../errors/index.ts';

const VALUES = {
  return: ['minimal', 'headers-only', 'representation'],
  resolution: ['merge-duplicates', 'ignore-duplicates'],
  missing: ['default', 'null'],
  count: ['exact', 'planned', 'estimated'],
  tx: ['commit', 'rollback'],
  handling: ['strict', 'lenient'],
  explain: ['plan', 'analyze'],
} as const;

type Name = keyof typeof VALUES;

/** Preferences without a value, each of few routes. */
export type Flag = 'respond-async';

/** What was asked for; `applied` is that in words. */
export type Preferences = { readonly [N in Name]?: (typeof VALUES)[N][number] } & {
  readonly maxAffected?: number;
  readonly isAsync?: true;
  readonly applied: readonly string[];
};

const isName = (name: string): name is Name => Object.hasOwn(VALUES, name);

/** One preference that is known, with its value; undefined where it is none. */
function readOne(
  name: string,
  value: string,
  flags: readonly Flag[],
): Readonly<Record<string, unknown>> | undefined {
  if (name === 'respond-async') return flags.includes(name) ? { isAsync: true } : undefined;
  if (name === 'max-affected') {
    return /^\d{1,15}$/.test(value) ? { maxAffected: Number(value) } : undefined;
  }
  if (!isName(name)) return undefined;
  const known: readonly string[] = VALUES[name];
  return known.includes(value) ? { [name]: value } : undefined;
}

/**
 * Reads the header; `flags` are those that the route heeds. What it does not know it passes over, with `handling=strict` it is a
 * VALIDATION_ERROR.
 */
export function parsePreferences(
  header: string | readonly string[] | undefined,
  flags: readonly Flag[] = [],
): Preferences {
  const texts = [header ?? []].flat().flatMap((text) => text.split(','));
  const applied: string[] = [];
  const unknown: string[] = [];
  let preferences: Readonly<Record<string, unknown>> = {};
  for (const text of texts.map((one) => one.trim()).filter((one) => one !== '')) {
    const [name = '', value = ''] = text.split('=', 2).map((part) => part.trim());
    const one = readOne(name.toLowerCase(), value.replace(/^"(.*)"$/, '$1'), flags);
    if (one === undefined) unknown.push(text);
    else applied.push(text);
    // The first of a name counts.
    preferences = { ...one, ...preferences };
  }
  if (preferences.handling === 'strict' && unknown.length > 0) {
    throw RustyError.of('VALIDATION_ERROR', { what: `Prefer: unknown ${unknown.join(', ')}` });
  }
  return { ...preferences, applied } as Preferences;
}
