import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../monitoring/index.ts';
import { HttpListener, type HttpListenerOptions } from './http-listener.ts';

/** What answers requests. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface LazyHttpOptions extends Omit<HttpListenerOptions, 'handler'> {
  /** Loads what answers; called once. */
  readonly load: () => Promise<Handler>;
  readonly log: Logger;
}

/**
 * An HTTP port that is open before what answers there is loaded: requests wait for it. So the server
 * is ready as soon as its engine is.
 */
export class LazyHttp {
  readonly #listener: HttpListener;
  readonly #load: () => Promise<Handler>;
  readonly #log: Logger;
  #handler: Handler | undefined;
  #loading: Promise<Handler> | undefined;

  constructor({ load, log, ...listener }: LazyHttpOptions) {
    this.#load = load;
    this.#log = log;
    this.#listener = new HttpListener({
      ...listener,
      handler: (request, response) => this.#handle(request, response),
    });
  }

  /** Listens; answers the port. */
  listen(): Promise<number> {
    return this.#listener.listen();
  }

  /** Loads what answers, if that has not begun. */
  warm(): Promise<Handler> {
    this.#loading ??= this.#load().then((handler) => {
      this.#handler = handler;
      return handler;
    });
    return this.#loading;
  }

  stopAccepting(): Promise<void> {
    return this.#listener.stopAccepting();
  }

  destroyAll(): void {
    this.#listener.destroyAll();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#handler !== undefined) {
      this.#handler(request, response);
      return;
    }
    this.warm().then(
      (handler) => handler(request, response),
      (error: unknown) => {
        this.#log.critical('the HTTP door could not be loaded', { error });
        response.destroy();
      },
    );
  }
}
