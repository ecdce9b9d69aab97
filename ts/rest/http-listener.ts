import { createServer, type RequestListener, type Server } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { listenOn, requireLoopback } from '../host/listen.ts';
import type { ExpressLane } from './lane/express-lane.ts';

/** A client has this long for the head of a request. */
const HEADERS_TIMEOUT_MS = 15_000;
/** An idle connection is closed after this long. */
export const KEEP_ALIVE_MS = 65_000;

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
  readonly maxConnections: number;
}

/** One HTTP port. */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #server: Server;

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
    this.#server.maxConnections = options.maxConnections;
    const [onConnection] = this.#server.listeners('connection') as OnConnection[];
    if (options.lane === undefined || onConnection === undefined) return;
    this.#server.off('connection', onConnection);
    this.#server.on('connection', (socket) => this.#divert(socket, onConnection));
  }

  /** Listens; answers the port. */
  async listen(): Promise<number> {
    const { key, portKey, address, port } = this.#options;
    requireLoopback(key, address);
    const where = { host: address, port, ipv6Only: isIPv6(address) };
    return listenOn(this.#server, where, { shown: `${address}:${port}`, portKey });
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

  /** A connection is the lane's until something comes on it that is not for the lane. */
  #divert(socket: Socket, onConnection: OnConnection): void {
    const lane = this.#options.lane?.();
    const isTaken = lane?.take(socket, (bytes) => {
      socket.unshift(bytes);
      onConnection.call(this.#server, socket);
    });
    if (isTaken !== true) onConnection.call(this.#server, socket);
  }
}
