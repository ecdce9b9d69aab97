import { once } from 'node:events';
import type { Response } from 'express';
import type { TakeBytes } from '../engine/index.ts';

/** What follows the bytes of a statement's answer. */
export interface StreamEnd {
  readonly text: string;
}

/**
 * Writes one answer. Nothing goes out before the first byte of the body is there, so that what fails
 * until then is answered with its own status.
 */
export class Reply {
  readonly #response: Response;
  #streams = false;

  constructor(response: Response) {
    this.#response = response;
  }

  /** Bytes of the body were sent: the status can no longer change. */
  get isStreaming(): boolean {
    return this.#streams;
  }

  header(name: string, value: string | number): this {
    this.#response.setHeader(name, value);
    return this;
  }

  status(status: number): this {
    this.#response.status(status);
    return this;
  }

  json(value: unknown, status = 200): void {
    this.#response.status(status).json(value);
  }

  text(contentType: string, text: string, status = 200): void {
    this.#response.status(status).type(contentType).send(text);
  }

  empty(status = 204): void {
    this.#response.status(status).end();
  }

  /**
   * What takes a statement's answer and sends it on. A slow client makes it answer a promise, which
   * pauses the statement; one that is gone makes it reject.
   */
  stream(contentType: string, status = 200): TakeBytes {
    return (bytes) => this.#send(contentType, status, bytes);
  }

  /** Ends a body that was streamed, one without bytes too. */
  end(contentType: string, text = '', status = 200): void {
    if (!this.#streams) this.#begin(contentType, status);
    this.#response.end(text);
  }

  /** Breaks the connection: a body that cannot be completed and whose form cannot say so. */
  destroy(): void {
    this.#response.destroy();
  }

  #begin(contentType: string, status: number): void {
    this.#streams = true;
    this.#response.status(status).setHeader('Content-Type', contentType);
  }

  #send(contentType: string, status: number, bytes: Buffer): void | Promise<void> {
    if (!this.#streams) this.#begin(contentType, status);
    if (this.#response.destroyed) throw new Error('the client is gone');
    if (!this.#response.write(Buffer.from(bytes))) return this.#drained();
  }

  async #drained(): Promise<void> {
    const left = new AbortController();
    const gone = once(this.#response, 'close', { signal: left.signal });
    const drain = once(this.#response, 'drain', { signal: left.signal });
    try {
      await Promise.race([drain, gone]);
    } finally {
      drain.catch(() => undefined);
      gone.catch(() => undefined);
      left.abort();
    }
    if (this.#response.destroyed) throw new Error('the client is gone');
  }
}
