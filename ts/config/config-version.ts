import type { Value } from './parse-value.ts';

/** What made a version: the start, a request, SQL, the file read anew, a rollback. */
export type ChangeOrigin = 'start' | 'request' | 'sql' | 'file' | 'rollback';

/** One key of a change, with its values as one writes them; null is unset. */
export interface KeyChange {
  readonly key: string;
  readonly from: Value | null;
  readonly to: Value | null;
  /**
   * `now`; at a `restart`, for keys that are not live; or `never` while what is stronger sets the
   * key, as `setBy` says.
   */
  readonly effect: 'now' | 'restart' | 'never';
  readonly setBy?: string;
}

/** One version of the configuration. */
export interface ConfigVersion {
  readonly version: number;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly by: string;
  readonly origin: ChangeOrigin;
  readonly changed: readonly KeyChange[];
}

/** A version with the values that were set at run time, by key. */
export interface StoredVersion extends ConfigVersion {
  readonly values: Readonly<Record<string, Value>>;
}
