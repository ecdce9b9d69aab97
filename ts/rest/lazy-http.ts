import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RustyError } from '../errors/index.ts';
import type { Logger } from '../monitoring/index.ts';
import { HttpListener, type HttpListenerOptions } from './http-listener.ts';
import type { ExpressLane } from './lane/express-lane.ts';

/** What answers requests. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What answers at a port. */
export interface Answering {
  readonly handler: Handler;
  readonly lane?: ExpressLane;
  /** Something was refused that became no request. */
  readonly onRefused: (error: RustyError) => void;
}

export interface LazyHttpOptions
  extends Omit<HttpListenerOptions, 'handler' | 'lane' | 'onRefused'> {
  /** Loads what answers; called once. */
  readonly load: () => Promise<Answering>;
  readonly log: Logger;
}

/**
 * An HTTP port that is open before what answers there is loaded: requests wait for it. So the server
 * is ready as soon as its engine is.
 */
export class LazyHttp {
  readonly #listener: HttpListener;
  readonly #load: () => Promise<Answering>;
  readonly #log: Logger;
  #answering: Answering | undefined;
  #loading: Promise<Answering> | undefined;

  constructor({ load, log, ...listener }: LazyHttpOptions) {
    this.#load = load;
    this.#log = log;
    this.#listener = new HttpListener({
      ...listener,
      handler: (request, response) => this.#handle(request, response),
      lane: () => this.#answering?.lane,
      onRefused: (error) => this.#answering?.onRefused(error),
    });
  }

  /** Listens; answers the port. */
  listen(): Promise<number> {
    return this.#listener.listen();
  }

  /** Connections of this thread that are open. */
  get size(): number {
    return this.#listener.size;
  }

  /** Loads what answers, if that has not begun. */
  warm(): Promise<Answering> {
    this.#loading ??= this.#load().then((answering) => {
      this.#answering = answering;
      return answering;
    });
    return this.#loading;
  }

  /** What listens. */
  get listener(): HttpListener {
    return this.#listener;
  }

  stopAccepting(): Promise<void> {
    return this.#listener.stopAccepting();
  }

  destroyAll(): void {
    this.#listener.destroyAll();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#answering !== undefined) {
      this.#answering.handler(request, response);
      return;
    }
    this.warm().then(
      ({ handler }) => handler(request, response),
      (error: unknown) => {
        this.#log.critical('the HTTP door could not be loaded', { error });
        response.destroy();
      },
    );
  }
}
