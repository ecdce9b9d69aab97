// The way of plain requests past node:http: heads are read and answers written by ourselves, which
// costs a fraction of it. It is stricter, never laxer: what it does not understand in full it hands
// over, connection and bytes.
import type { Socket } from 'node:net';
import type { ConnectionOrigin, ConnectionReport } from '../../gateway/index.ts';
import { BoundedMap } from '../../util/bounded-map.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import type { Fill } from '../../util/fill.ts';
import type { SharedCount } from '../../util/shared-count.ts';
import type { Patience } from '../http-connection.ts';
import { IdleOrder, type Idling } from '../idle-order.ts';
import { KEEP_ALIVE_MS } from '../keep-alive-ms.ts';
import { LaneConnection, type LaneConnectionOptions } from './lane-connection.ts';
import { DateHeader } from './lane-response.ts';
import { PlainReader } from './plain-request.ts';

/** How often idle and slow connections are looked for. */
const SWEEP_MS = 1_000;

export interface ExpressLaneOptions {
  readonly clock: Clock;
  /** Of this lane; 0 is the main one. */
  readonly thread: number;
  readonly patience: Patience;
  readonly maxConnections: number;
  readonly answer: LaneConnectionOptions['answer'];
  /** Connections of all lanes. */
  readonly count: SharedCount;
  /** Connections that have a request in work, of all threads. */
  readonly inWork: SharedCount;
}

export class ExpressLane {
  readonly #options: ExpressLaneOptions;
  readonly #date: DateHeader;
  readonly #reader = new PlainReader();
  readonly #sweeping: Timer;
  readonly #connections: BoundedMap<Socket, LaneConnection>;
  readonly #idleOrder = new IdleOrder(() => this.idling());

  constructor(options: ExpressLaneOptions) {
    this.#options = options;
    this.#date = new DateHeader(options.clock);
    this.#connections = new BoundedMap({
      name: 'lane_connections',
      cap: options.maxConnections,
      whenFull: 'refuse',
    });
    this.#sweeping = options.clock.every(SWEEP_MS, () => this.#sweep());
  }

  /** Takes a new connection, until `handOver` is called for it; false where there is no room. */
  take(socket: Socket, origin: ConnectionOrigin, handOver: (bytes: Buffer) => void): boolean {
    const { clock, thread, patience, answer, count, inWork } = this.#options;
    const connection = new LaneConnection({
      socket,
      origin,
      thread,
      clock,
      patience,
      inWork,
      date: this.#date,
      reader: this.#reader,
      keepAliveMs: KEEP_ALIVE_MS,
      answer,
      handOver,
      onClose: () => {
        if (this.#connections.delete(socket)) count.leave();
      },
    });
    if (!this.#connections.set(socket, connection)) return false;
    count.add();
    connection.begin();
    return true;
  }

  /** With the connections of all lanes. */
  fill(): Fill {
    return { ...this.#connections.fill(), size: this.#options.count.total };
  }

  /** Its connections, for `IdleOrder`. */
  idling(): Iterable<Idling> {
    return this.#connections.values();
  }

  /** Closes the connection that has been idle the longest, where one is. */
  makeRoom(): boolean {
    return this.#idleOrder.closeLongest();
  }

  reports(): readonly ConnectionReport[] {
    return [...this.#connections.values()].map((one) => one.report());
  }

  /** Closes the connection of this id; false where the lane has none. */
  closeConnection(id: string): boolean {
    const found = [...this.#connections.values()].find(({ origin }) => origin.id === id);
    found?.destroy();
    return found !== undefined;
  }

  /** Closes each connection once what has come on it is answered. */
  stopAccepting(): void {
    this.#sweeping.cancel();
    for (const [, connection] of [...this.#connections.entries()]) connection.drain();
  }

  destroyAll(): void {
    for (const [, connection] of [...this.#connections.entries()]) connection.destroy();
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [, connection] of [...this.#connections.entries()]) connection.expire(nowMs);
  }
}
