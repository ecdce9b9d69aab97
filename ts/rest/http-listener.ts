import { createServer, type RequestListener, type Server } from 'node:http';
import { isIPv6, Socket } from 'node:net';
import { listenOn, requireFreePort, requireLoopback } from '../host/listen.ts';
import type { SharedCount } from '../util/shared-count.ts';
import { KEEP_ALIVE_MS } from './keep-alive-ms.ts';
import type { ExpressLane } from './lane/express-lane.ts';

/** A client has this long for the head of a request. */
const HEADERS_TIMEOUT_MS = 15_000;

type OnConnection = (this: Server, socket: Socket) => void;

export interface HttpListenerOptions {
  readonly handler: RequestListener;
  /** What takes new connections before node:http, once there is one. */
  readonly lane?: () => ExpressLane | undefined;
  /** The names of the address' and the port's keys, for messages. */
  readonly key: string;
  readonly portKey: string;
  readonly address: string;
  readonly port: number;
  /** Connections, of other threads too. */
  readonly connections: SharedCount;
  /** Other threads listen on the port too. */
  readonly sharesPort?: boolean;
}

/** One HTTP port. */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #server: Server;
  /** Of node:http: takes a connection. */
  readonly #onConnection: OnConnection;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // A body that streams takes as long as it takes; the door limits its pauses.
        requestTimeout: 0,
        noDelay: true,
      },
      options.handler,
    );
    const [onConnection] = this.#server.listeners('connection') as [OnConnection];
    this.#onConnection = onConnection;
    this.#server.off('connection', onConnection);
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Connections of this thread that are open. */
  get size(): number {
    return this.#options.connections.own;
  }

  /** Takes over a connection that another thread has accepted, and bytes that it has read. */
  adopt(descriptor: number, bytes: Uint8Array): void {
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
    this.#divert(socket);
  }

  /** Listens; answers the port. */
  async listen(): Promise<number> {
    const { key, portKey, address, port, sharesPort = false } = this.#options;
    requireLoopback(key, address);
    const where = { host: address, port, ipv6Only: isIPv6(address) };
    const names = { shown: `${address}:${port}`, portKey };
    if (sharesPort) await requireFreePort(where, names);
    return listenOn(this.#server, { ...where, reusePort: sharesPort }, names);
  }

  /** Accepts no more, and closes what is idle; requests that run may end. */
  stopAccepting(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      this.#options.lane?.()?.stopAccepting();
    });
  }

  destroyAll(): void {
    this.#server.closeAllConnections();
    this.#options.lane?.()?.destroyAll();
  }

  #accept(socket: Socket): void {
    const { connections } = this.#options;
    if (!connections.enter()) {
      socket.destroy();
      return;
    }
    socket.once('close', () => connections.leave());
    this.#divert(socket);
  }

  /** A connection is the lane's until something comes on it that is not for the lane. */
  #divert(socket: Socket): void {
    const lane = this.#options.lane?.();
    const isTaken = lane?.take(socket, (bytes) => {
      socket.unshift(bytes);
      this.#onConnection.call(this.#server, socket);
    });
    if (isTaken !== true) this.#onConnection.call(this.#server, socket);
  }
}
