/**
 * What one configuration key is. The parser, the flags, the environment names, `--help`, the type
 * `Config` and docs/configuration.md all follow from these.
 */
export interface Key {
  /** `section.key` as in the file, or a bare name at the top. */
  readonly name: string;
  readonly type: KeyType;
  /** As one would write it; `undefined` where the key is not set unless one sets it. */
  readonly default: string | number | boolean | undefined;
  /** How the manual words a default that depends on the machine. */
  readonly defaultText?: string;
  /** What it does, one sentence or two. */
  readonly what: string;
  /** What a higher value costs or brings (numbers only). */
  readonly raise?: string;
  /** What a lower value costs or brings (numbers only). */
  readonly lower?: string;
  /** True where it may change while the server runs. */
  readonly live?: boolean;
  /** Another environment name beside `RUSTYDB_<SECTION>_<KEY>`. */
  readonly environment?: string;
  /** Other names of the key in the file. */
  readonly aliases?: readonly string[];
  /** What is not there yet for a key that is checked but has no effect in this version. */
  readonly waitsFor?: string;
}

export type KeyType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  /** Bytes; `256MiB` in text. */
  | { readonly kind: 'size'; readonly min: number; readonly max: number }
  /** Milliseconds; `30s` in text. `bare` is the unit of a number without one. */
  | {
      readonly kind: 'duration';
      readonly min: number;
      readonly max: number;
      readonly bare?: 'ms' | 's';
    }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  /** An IP address or `localhost`. */
  | { readonly kind: 'address' }
  | { readonly kind: 'path' }
  /** Text that `pattern` accepts, `allowed` saying the same in words. */
  | { readonly kind: 'text'; readonly pattern: RegExp; readonly allowed: string };

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The longest duration: what fits a 32-bit timer, about 24.8 days. */
export const DURATION_MAX_MS = 2 ** 31 - 1;

/** A duration from `min` up; 0 usually means never and then belongs to the range. */
export function duration(min = 0, max = DURATION_MAX_MS): KeyType {
  return { kind: 'duration', min, max };
}

export function integer(min: number, max: number): KeyType {
  return { kind: 'integer', min, max };
}

export const BOOLEAN: KeyType = { kind: 'boolean' };
export const PORT: KeyType = { kind: 'integer', min: 0, max: 65535 };
export const ADDRESS: KeyType = { kind: 'address' };
export const PATH: KeyType = { kind: 'path' };
