import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6, Socket } from 'node:net';
import type { RustyError } from '../errors/index.ts';
import {
  type ConnectionOrigin,
  ConnectionOrigins,
  type ConnectionReport,
  checkHeaderCount,
  type DoorPolicy,
} from '../gateway/index.ts';
import { listenOn, requireFreePort, requireLoopback } from '../host/listen.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { SharedCount } from '../util/shared-count.ts';
import { HttpConnection, type Patience } from './http-connection.ts';
import { IdleOrder, type Idling } from './idle-order.ts';
import { KEEP_ALIVE_MS } from './keep-alive-ms.ts';
import type { ExpressLane } from './lane/express-lane.ts';
import { refuseBusy, refuseConnection, refuseLargeHead } from './refusal.ts';

/** How often slow clients are looked for. */
const SWEEP_MS = 1_000;
/** Connections that may be open above their cap while those that make room for them close. */
const CLOSING_MAX = 1024;

type OnConnection = (this: Server, socket: Socket) => void;

export interface HttpListenerOptions {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** What takes new connections before node:http, once there is one. */
  readonly lane?: () => ExpressLane | undefined;
  /** The names of the address' and the port's keys, for messages. */
  readonly key: string;
  readonly portKey: string;
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Connections, of other threads too. */
  readonly connections: SharedCount;
  /** Those of them that have a request in work. */
  readonly inWork: SharedCount;
  /** Other threads listen on the port too. */
  readonly sharesPort?: boolean;
  /** Judges connections as they come. */
  readonly policy: DoorPolicy;
  /** All connections of this thread are in work: others are to make room. */
  readonly onFull: () => void;
  /** Something was refused that became no request. */
  readonly onRefused: (error: RustyError) => void;
}

/** One HTTP port. */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #server: Server;
  /** Of node:http: takes a connection. */
  readonly #onConnection: OnConnection;
  /** Those that node:http has. */
  readonly #connections: BoundedMap<Socket, HttpConnection>;
  readonly #origins: ConnectionOrigins;
  readonly #idleOrder = new IdleOrder(() => this.#idling());
  #sweeping: Timer | undefined;
  #port = 0;

  constructor(options: HttpListenerOptions) {
    const { patience, clock, connections, portKey } = options;
    this.#options = options;
    this.#origins = new ConnectionOrigins(portKey === 'api.port' ? 'h0' : 'm0', clock);
    this.#connections = new BoundedMap({
      name: 'http_connections',
      cap: connections.cap + CLOSING_MAX,
      whenFull: 'refuse',
    });
    this.#server = createServer(
      {
        headersTimeout: patience.headerTimeoutMs,
        connectionsCheckingInterval: SWEEP_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // A body that streams takes as long as it takes; its pauses and its rate are judged.
        requestTimeout: 0,
        noDelay: true,
      },
      (request, response) => this.#handle(request, response),
    );
    // All are there to be counted; how long a head may be bounds them.
    this.#server.maxHeadersCount = 0;
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket as Socket));
    const [onConnection] = this.#server.listeners('connection') as [OnConnection];
    this.#onConnection = onConnection;
    this.#server.off('connection', onConnection);
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** The one that was bound. */
  get port(): number {
    return this.#port;
  }

  /** Connections of this thread that are open. */
  get size(): number {
    return this.#options.connections.own;
  }

  /** Takes over a connection that another thread has accepted, and bytes that it has read. */
  adopt(descriptor: number, bytes: Uint8Array, origin: ConnectionOrigin): void {
    const { connections } = this.#options;
    const socket = new Socket({
      fd: descriptor,
      readable: true,
      writable: true,
      allowHalfOpen: true,
    });
    connections.add();
    socket.once('close', () => connections.leave());
    if (bytes.length > 0) socket.unshift(bytes);
    this.#divert(socket, origin);
  }

  /** Listens; answers the port. */
  async listen(): Promise<number> {
    const { key, portKey, address, port, sharesPort = false, clock } = this.#options;
    requireLoopback(key, address);
    const where = { host: address, port, ipv6Only: isIPv6(address) };
    const names = { shown: `${address}:${port}`, portKey };
    if (sharesPort) await requireFreePort(where, names);
    this.#sweeping = clock.every(SWEEP_MS, () => this.#sweep());
    this.#port = await listenOn(this.#server, { ...where, reusePort: sharesPort }, names);
    return this.#port;
  }

  /** Accepts no more, and closes what is idle; requests that run may end. */
  stopAccepting(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        this.#sweeping?.cancel();
        resolve();
      });
      this.#server.closeIdleConnections();
      this.#options.lane?.()?.stopAccepting();
    });
  }

  destroyAll(): void {
    this.#server.closeAllConnections();
    this.#options.lane?.()?.destroyAll();
  }

  /** Closes the connection that has been idle the longest, where one is. */
  makeRoom(): boolean {
    return this.#idleOrder.closeLongest();
  }

  /** The connections of this thread. */
  reports(): readonly ConnectionReport[] {
    const lane = this.#options.lane?.()?.reports() ?? [];
    return [...[...this.#connections.values()].map((one) => one.report()), ...lane];
  }

  /** Closes the connection of this id; false where this thread has none. */
  closeConnection(id: string): boolean {
    const found = [...this.#connections.values()].find(({ origin }) => origin.id === id);
    found?.destroy();
    return found !== undefined || this.#options.lane?.()?.closeConnection(id) === true;
  }

  #accept(socket: Socket): void {
    const { connections, onFull, policy, onRefused } = this.#options;
    const refusal = policy.refusal('http', socket.remoteAddress);
    if (refusal !== undefined) {
      onRefused(refusal);
      refuseConnection(socket, refusal);
      return;
    }
    if (!connections.enter()) {
      if (!this.makeRoom()) onFull();
      if (connections.total >= connections.cap + CLOSING_MAX) {
        socket.destroy();
        return;
      }
      connections.add();
    }
    socket.once('close', () => connections.leave());
    this.#divert(socket, this.#origins.next());
  }

  /** A connection is the lane's until something comes on it that is not for the lane. */
  #divert(socket: Socket, origin: ConnectionOrigin): void {
    const lane = this.#options.lane?.();
    const isTaken = lane?.take(socket, origin, (bytes) => {
      socket.unshift(bytes);
      this.#serve(socket, origin);
    });
    if (isTaken !== true) this.#serve(socket, origin);
  }

  /** The connection is node:http's for good. */
  #serve(socket: Socket, origin: ConnectionOrigin): void {
    const { clock, patience, inWork, onRefused } = this.#options;
    const connection = new HttpConnection({ socket, origin, clock, patience, inWork, onRefused });
    if (!this.#connections.set(socket, connection)) {
      socket.destroy();
      return;
    }
    socket.once('close', () => {
      this.#connections.delete(socket);
      connection.close();
    });
    this.#onConnection.call(this.#server, socket);
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { inWork, handler, onRefused } = this.#options;
    const connection = this.#connections.get(request.socket);
    const isFull = connection?.isInWork === false && inWork.total >= inWork.cap;
    connection?.begin(request, response);
    if (isFull) {
      onRefused(refuseBusy(response));
      return;
    }
    try {
      checkHeaderCount(request.rawHeaders.length / 2);
    } catch (error) {
      const failure = error as RustyError;
      onRefused(failure);
      refuseLargeHead(response, failure);
      return;
    }
    handler(request, response);
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (error.code === 'ECONNRESET' || connection === undefined) socket.destroy();
    else connection.refuse(error);
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const connection of [...this.#connections.values()]) connection.sweep(nowMs);
  }

  *#idling(): Iterable<Idling> {
    yield* this.#connections.values();
    yield* this.#options.lane?.()?.idling() ?? [];
  }
}
