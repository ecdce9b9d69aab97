import type { Socket } from 'node:net';
import type { Clock } from '../util/clock.ts';

/** Where a connection comes from; it stays the same when the connection changes its thread. */
export interface ConnectionOrigin {
  /** `2-17`: the thread that accepted it, and its number there. */
  readonly id: string;
  readonly openedMs: number;
}

/** Gives the connections of one door on one thread their ids. */
export class ConnectionOrigins {
  readonly #prefix: string;
  readonly #clock: Clock;
  #count = 0;

  constructor(prefix: string, clock: Clock) {
    this.#prefix = prefix;
    this.#clock = clock;
  }

  next(): ConnectionOrigin {
    this.#count += 1;
    return { id: `${this.#prefix}-${this.#count}`, openedMs: this.#clock.wallMs() };
  }
}

/**
 * `starting`: not authenticated yet; `idle`: nothing of it is in work; `receiving`: a request that is
 * not complete; `sending`: an answer that the client has not taken; `open`: more is not known here.
 */
export type ConnectionState = 'starting' | 'idle' | 'receiving' | 'working' | 'sending' | 'open';

/** A connection as the API lists it. */
export interface ConnectionReport {
  readonly id: string;
  readonly protocol: 'http' | 'postgresql';
  /** The thread that has it; 0 is the main one. */
  readonly thread: number;
  readonly clientAddress: string;
  /** Of `postgresql` what can be seen from outside: what runs is in `pg_stat_activity`. */
  readonly state: ConnectionState;
  readonly openedAt: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** What a list says of a connection. */
export function reportOf(
  { id, openedMs }: ConnectionOrigin,
  socket: Socket,
  known: Pick<ConnectionReport, 'protocol' | 'thread' | 'clientAddress' | 'state'>,
): ConnectionReport {
  return {
    id,
    ...known,
    openedAt: new Date(openedMs).toISOString(),
    bytesReceived: socket.bytesRead,
    bytesSent: socket.bytesWritten,
  };
}
