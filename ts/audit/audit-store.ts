import type { ChainEnd } from './audit-record.ts';
import type { TornEnd } from './segments.ts';

/** What an audit log finds where it goes on. */
export interface FoundChain {
  readonly end: ChainEnd;
  /** A write that a crash cut off; the next segment says so. */
  readonly torn: TornEnd | undefined;
}

/** Where sealed records go. One writer at a time; every call is over before the next. */
export interface AuditStore {
  /** Finds the end of the chain. Called until it does not throw. */
  open(): Promise<FoundChain>;
  /** Why so many bytes more need a new segment, or undefined where they need none. */
  needsSegment(bytes: number): 'first' | 'full' | undefined;
  /** The names of the segments that go when a new one is begun. */
  outdated(): readonly string[];
  /** Begins a segment with its first line; it is there whole, or not at all. */
  beginSegment(firstSeq: number, line: string): Promise<void>;
  /** Appends lines; where it throws, the same lines are appended again. */
  append(lines: string): Promise<void>;
  /** What was appended survives a power failure. */
  sync(): Promise<void>;
  close(): Promise<void>;
  /** The lines of all records, the newest first. */
  newestFirst(): AsyncIterable<string>;
}
