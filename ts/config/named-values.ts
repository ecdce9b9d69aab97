import { RustyError } from '../errors/index.ts';
import { nearest } from '../util/nearest.ts';
import type { Key } from './key.ts';
import { allowedText, parseValue, type Value } from './parse-value.ts';
import { fieldName, findKey, SCHEMA, sectionName } from './schema.ts';

type Tree = Readonly<Record<string, unknown>>;

/** Sections lie no deeper. */
const DEPTH_MAX = 3;

/** Where a running server has its data cannot change under it. */
const FIXED = ['data.path'] as const;

function refuse(name: string, value: unknown, source: string, why: string): never {
  const shown = JSON.stringify(value)?.slice(0, 200);
  throw RustyError.of('CONFIGURATION_ERROR', { what: `${name} = ${shown} (${source}): ${why}` });
}

/** The key of a name as files have it (`pool.max_size`), or answers (`pool.acquireTimeoutMs`). */
function keyOf(name: string): { readonly key: Key; readonly inSeconds: boolean } | undefined {
  const found = findKey(name);
  if (found !== undefined) return found;
  const key = SCHEMA.find((one) => {
    const section = sectionName(one);
    return name === (section === undefined ? fieldName(one) : `${section}.${fieldName(one)}`);
  });
  return key && { key, inSeconds: false };
}

/** Reads `acquireTimeoutMs: 500` as answers write it: a bare number of milliseconds. */
function parseNamed(key: Key, name: string, inSeconds: boolean, value: Value): Value | undefined {
  const isBareMs = key.type.kind === 'duration' && name.endsWith(fieldName(key));
  return parseValue(key, isBareMs && typeof value === 'number' ? `${value}ms` : value, inSeconds);
}

function unknownKey(name: string, value: unknown, source: string): never {
  const names = SCHEMA.map((key) => key.name);
  const alike = nearest(name, names);
  const hint = alike === undefined ? 'see docs/configuration.md' : `did you mean ${alike}?`;
  refuse(name, value, source, `no such key in this version; ${hint}`);
}

/** A key by its name, and its value; null is none. */
function readValue(name: string, value: unknown, source: string): readonly [string, Value | null] {
  const { key, inSeconds } = keyOf(name) ?? unknownKey(name, value, source);
  if ((FIXED as readonly string[]).includes(key.name)) {
    refuse(name, value, source, 'it cannot be changed while the server runs');
  }
  if (value === null) return [key.name, null];
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
  const parsed = isScalar ? parseNamed(key, name, inSeconds, value as Value) : undefined;
  if (parsed === undefined) {
    const allowed = inSeconds ? 'a number of seconds' : allowedText(key);
    refuse(name, value, source, `allowed is ${allowed}`);
  }
  return [key.name, parsed];
}

function* leavesOf(tree: Tree, prefix: string, depth: number): Generator<[string, unknown]> {
  for (const [member, value] of Object.entries(tree)) {
    const name = `${prefix}${member}`;
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isTable) yield [name, value];
    else if (depth < DEPTH_MAX) yield* leavesOf(value as Tree, `${name}.`, depth + 1);
    else yield [name, '{...}'];
  }
}

/**
 * The values of a partial tree, of dotted keys, or of both mixed, by key; null takes a value back.
 * CONFIGURATION_ERROR names the key, the value, what is allowed and `source`.
 */
export function namedValues(tree: Tree, source: string): Readonly<Record<string, Value | null>> {
  const values: Record<string, Value | null> = {};
  for (const [name, value] of leavesOf(tree, '', 0)) {
    const [key, parsed] = readValue(name, value, source);
    values[key] = parsed;
  }
  return values;
}
