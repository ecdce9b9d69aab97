import type { Config } from '../config/index.ts';
import { ErrorCounts } from '../monitoring/error-counts.ts';
import { RequestCounts } from '../monitoring/request-counts.ts';
import { SharedCount } from '../util/shared-count.ts';

/** Memory that the threads of the HTTP door share, by name. */
export type HttpMemory = Readonly<Record<string, SharedArrayBuffer>> & {
  readonly connections: SharedArrayBuffer;
  readonly inWork: SharedArrayBuffer;
  readonly lane: SharedArrayBuffer;
  readonly sessions: SharedArrayBuffer;
  readonly idleSessions: SharedArrayBuffer;
  readonly waiting: SharedArrayBuffer;
  readonly requests: SharedArrayBuffer;
  readonly errors: SharedArrayBuffer;
};

export function httpMemory(threads: number): HttpMemory {
  return {
    connections: SharedCount.room(threads),
    inWork: SharedCount.room(threads),
    lane: SharedCount.room(threads),
    sessions: SharedCount.room(threads),
    idleSessions: SharedCount.room(threads),
    waiting: SharedCount.room(threads),
    requests: RequestCounts.room(threads),
    errors: ErrorCounts.room(threads),
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
  readonly sessions: SharedCount;
  readonly idleSessions: SharedCount;
  /** Requests that wait for a session. */
  readonly waiting: SharedCount;

  constructor(
    memory: HttpMemory,
    thread: number,
    { network, api, pool }: Pick<Config, 'network' | 'api' | 'pool'>,
  ) {
    this.connections = new SharedCount(memory.connections, thread, network.maxConnections);
    this.inWork = new SharedCount(memory.inWork, thread, api.maxConnections);
    this.lane = new SharedCount(memory.lane, thread, network.maxConnections);
    this.sessions = new SharedCount(memory.sessions, thread, pool.maxSize);
    this.idleSessions = new SharedCount(memory.idleSessions, thread);
    this.waiting = new SharedCount(memory.waiting, thread);
  }

  /** Requests wait for sessions. */
  readonly isPressed = (): boolean => this.waiting.total > 0;

  /** A thread has ended, and has nothing any more. */
  forget(thread: number): void {
    const { connections, inWork, lane, sessions, idleSessions } = this;
    for (const count of [connections, inWork, lane, sessions, idleSessions]) count.forget(thread);
  }
}
