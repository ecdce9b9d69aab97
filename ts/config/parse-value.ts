import type { Key } from './key.ts';
import { DAY_MS, GIB, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS } from './key.ts';

export type Value = string | number | boolean;

/** Powers of 1024 with and without the `i`, as PostgreSQL counts. */
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: KIB,
  kib: KIB,
  mb: MIB,
  mib: MIB,
  gb: GIB,
  gib: GIB,
  tb: 1024 * GIB,
  tib: 1024 * GIB,
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  min: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};

function withUnit(text: string): { amount: number; unit: string } | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (found === null) return undefined;
  return { amount: Number(found[1]), unit: (found[2] ?? '').toLowerCase() };
}

function parseSize(input: Value): number | undefined {
  if (typeof input === 'number') return input;
  const parts = typeof input === 'string' ? withUnit(input) : undefined;
  const factor = parts && SIZE_UNITS[parts.unit];
  return factor === undefined ? undefined : Math.round((parts?.amount ?? 0) * factor);
}

function parseDuration(input: Value, bare: 'ms' | 's' | undefined): number | undefined {
  const text = typeof input === 'number' ? String(input) : input;
  const parts = typeof text === 'string' ? withUnit(text) : undefined;
  if (parts === undefined) return undefined;
  if (parts.unit === '') {
    if (parts.amount === 0) return 0;
    return bare === undefined ? undefined : parts.amount * (bare === 's' ? SECOND_MS : 1);
  }
  const factor = DURATION_UNITS[parts.unit];
  return factor === undefined ? undefined : Math.round(parts.amount * factor);
}

function parseInteger(input: Value): number | undefined {
  if (typeof input === 'number') return Number.isSafeInteger(input) ? input : undefined;
  return typeof input === 'string' && /^-?\d{1,15}$/.test(input) ? Number(input) : undefined;
}

function parseBoolean(input: Value): boolean | undefined {
  if (typeof input === 'boolean') return input;
  if (/^(true|on|yes|1)$/i.test(String(input))) return true;
  if (/^(false|off|no|0)$/i.test(String(input))) return false;
  return undefined;
}

const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

function parseAddress(input: Value): string | undefined {
  const text = String(input).trim();
  const inner = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const isAddress = IPV4.test(inner) || (/^[\da-f:.]+$/i.test(inner) && inner.includes(':'));
  return inner === 'localhost' || isAddress ? inner : undefined;
}

/** The value of a key from what a file, a variable or a flag says; undefined where it is none. */
export function parseValue(key: Key, input: Value, inSeconds = false): Value | undefined {
  const { type } = key;
  const inRange = (value: number | undefined, min: number, max: number) =>
    value !== undefined && value >= min && value <= max ? value : undefined;
  switch (type.kind) {
    case 'boolean':
      return parseBoolean(input);
    case 'integer':
      return inRange(parseInteger(input), type.min, type.max);
    case 'size':
      return inRange(parseSize(input), type.min, type.max);
    case 'duration':
      return inRange(parseDuration(input, inSeconds ? 's' : type.bare), type.min, type.max);
    case 'enum':
      return type.values.includes(String(input)) ? String(input) : undefined;
    case 'address':
      return parseAddress(input);
    case 'path':
      return typeof input === 'string' && input !== '' && !input.includes('\0') ? input : undefined;
    case 'text':
      return typeof input === 'string' && type.pattern.test(input) ? input : undefined;
  }
}

/** A size as one would write it: `256MiB`. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [
    ['GiB', GIB],
    ['MiB', MIB],
    ['KiB', KIB],
  ] as const) {
    if (bytes !== 0 && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}

/** A duration as one would write it: `30s`. */
export function formatDuration(milliseconds: number): string {
  for (const [unit, factor] of [
    ['d', DAY_MS],
    ['h', HOUR_MS],
    ['m', MINUTE_MS],
    ['s', SECOND_MS],
  ] as const) {
    if (milliseconds !== 0 && milliseconds % factor === 0) return `${milliseconds / factor}${unit}`;
  }
  return milliseconds === 0 ? '0' : `${milliseconds}ms`;
}

/** What a key accepts, in words. */
export function allowedText({ type }: Key): string {
  switch (type.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `an integer from ${type.min} to ${type.max}`;
    case 'size':
      return `a size from ${formatSize(type.min)} to ${formatSize(type.max)}, such as 256MiB`;
    case 'duration': {
      const bare = type.bare === undefined ? '' : `; a number alone is in ${type.bare}`;
      return `a duration from ${formatDuration(type.min)} to ${formatDuration(type.max)}, such as 30s or 5m${bare}`;
    }
    case 'enum':
      return type.values.join(', ');
    case 'address':
      return 'an IP address or localhost';
    case 'path':
      return 'a path';
    case 'text':
      return type.allowed.replaceAll('`', '');
  }
}
