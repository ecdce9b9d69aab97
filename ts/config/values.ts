// The values of a configuration by key: as they are, as one writes them, and as one may show them.
import type { Config } from './config.ts';
import type { Key } from './key.ts';
import { formatDuration, formatSize, type Value } from './parse-value.ts';
import { fieldName, SCHEMA, sectionName } from './schema.ts';

type Tree = Readonly<Record<string, unknown>>;

const SECRET = /password|secret|token$|private_?key/i;
/** `scheme://user:password@`. */
const URL_PASSWORD = /(\w:\/\/[^:@/\s]*):[^@\s]*@/g;
const REDACTED = '[redacted]';

/** What a key has in a configuration. */
export function keyValue(config: Config, key: Key): Value | undefined {
  const section = sectionName(key);
  const tree = config as unknown as Tree;
  return ((section === undefined ? tree : tree[section]) as Tree)[fieldName(key)] as
    | Value
    | undefined;
}

/** A configuration of what `valueOfKey` says of each key. */
export function configOf(valueOfKey: (key: Key) => Value | undefined): Config {
  const config: Record<string, unknown> = {};
  for (const key of SCHEMA) {
    const section = sectionName(key);
    if (section !== undefined) config[section] ??= {};
    const object = (section === undefined ? config : config[section]) as Record<string, unknown>;
    object[fieldName(key)] = valueOfKey(key);
  }
  for (const section of Object.values(config)) Object.freeze(section);
  return Object.freeze(config) as unknown as Config;
}

/** A value as one would write it, secrets masked; null where it is not set. */
export function shownValue(key: Key, value: Value | undefined): Value | null {
  if (value === undefined) return null;
  if (typeof value === 'string') {
    return SECRET.test(key.name) ? REDACTED : value.replace(URL_PASSWORD, `$1:${REDACTED}@`);
  }
  if (key.type.kind === 'size') return formatSize(Number(value));
  return key.type.kind === 'duration' ? formatDuration(Number(value)) : value;
}

/** A configuration as one may show it. */
export function maskedConfig(config: Config): Config {
  return configOf((key) => {
    const value = keyValue(config, key);
    return typeof value === 'string' ? (shownValue(key, value) as string) : value;
  });
}
