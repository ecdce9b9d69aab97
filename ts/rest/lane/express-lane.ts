// The way of plain requests past node:http: heads are read and answers written by ourselves, which
// costs a fraction of it. It is stricter, never laxer: what it does not understand in full it hands
// over, connection and bytes.
import type { Socket } from 'node:net';
import { BoundedMap } from '../../util/bounded-map.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import type { Fill } from '../../util/fill.ts';
import type { SharedCount } from '../../util/shared-count.ts';
import { KEEP_ALIVE_MS } from '../keep-alive-ms.ts';
import { LaneConnection, type LaneConnectionOptions } from './lane-connection.ts';
import { DateHeader } from './lane-response.ts';
import { PlainReader } from './plain-request.ts';

/** How often idle connections are looked for. */
const SWEEP_MS = 5_000;

export interface ExpressLaneOptions {
  readonly clock: Clock;
  readonly maxConnections: number;
  readonly answer: LaneConnectionOptions['answer'];
  /** Connections of all lanes. */
  readonly count: SharedCount;
}

export class ExpressLane {
  readonly #options: ExpressLaneOptions;
  readonly #date: DateHeader;
  readonly #reader = new PlainReader();
  readonly #sweeping: Timer;
  readonly #connections: BoundedMap<Socket, LaneConnection>;

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
  take(socket: Socket, handOver: (bytes: Buffer) => void): boolean {
    const { clock, answer, count } = this.#options;
    const connection = new LaneConnection({
      socket,
      clock,
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
