import type { Config } from '../config/index.ts';
import { ErrorCounts } from '../monitoring/error-counts.ts';
import { RequestCounts } from '../monitoring/request-counts.ts';
import { SpanCounts } from '../monitoring/span-counts.ts';
import { StatementDurations } from '../monitoring/statement-durations.ts';
import { SharedCount } from '../util/shared-count.ts';

/** Memory that the threads of the HTTP door share, by name. */
export type HttpMemory = Readonly<Record<string, SharedArrayBuffer>> & {
  readonly connections: SharedArrayBuffer;
  readonly inWork: SharedArrayBuffer;
  readonly lane: SharedArrayBuffer;
  readonly requests: SharedArrayBuffer;
  readonly errors: SharedArrayBuffer;
  readonly statements: SharedArrayBuffer;
  readonly spans: SharedArrayBuffer;
};

export function httpMemory(threads: number): HttpMemory {
  return {
    connections: SharedCount.room(threads),
    inWork: SharedCount.room(threads),
    lane: SharedCount.room(threads),
    requests: RequestCounts.room(threads),
    errors: ErrorCounts.room(threads),
    statements: StatementDurations.room(threads),
    spans: SpanCounts.room(threads),
  };
}

/** What the threads of the HTTP door count together, as one thread sees it. */
export class HttpCounts {
  /** Connections of the HTTP port. */
  readonly connections: SharedCount;
  /** Those of them that have a request in work. */
  readonly inWork: SharedCount;
  /** Those of them that are on a lane. */
  readonly lane: SharedCount;

  constructor(
    memory: HttpMemory,
    thread: number,
    { network, api }: Pick<Config, 'network' | 'api'>,
  ) {
    this.connections = new SharedCount(memory.connections, thread, network.maxConnections);
    this.inWork = new SharedCount(memory.inWork, thread, api.maxConnections);
    this.lane = new SharedCount(memory.lane, thread, network.maxConnections);
  }

  /** A thread has ended, and has nothing any more. */
  forget(thread: number): void {
    for (const count of [this.connections, this.inWork, this.lane]) count.forget(thread);
  }
}
