import { createServer, type RequestListener, type Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { listenOn, requireLoopback } from '../host/listen.ts';

/** A client has this long for the head of a request. */
const HEADERS_TIMEOUT_MS = 15_000;
/** An idle connection is closed after this long. */
const KEEP_ALIVE_MS = 65_000;

export interface HttpListenerOptions {
  readonly handler: RequestListener;
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
    });
  }

  destroyAll(): void {
    this.#server.closeAllConnections();
  }
}
