/** How full a bounded container is; what its gauge shows. */
export interface Fill {
  /** Of the metric: `sessions`, `pool_waiters`. */
  readonly name: string;
  readonly size: number;
  readonly cap: number;
  /** The most it held at one time since it was made. */
  readonly peak: number;
  /** Entries that were refused or pushed out because it was full. */
  readonly overflows: number;
}
