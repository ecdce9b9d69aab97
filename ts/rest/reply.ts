import type { Response } from 'express';
import { StreamReply } from './stream-reply.ts';

/** Writes one answer of the application: whole, or in pieces. */
export class Reply extends StreamReply {
  readonly #response: Response;

  constructor(response: Response) {
    super(response);
    this.#response = response;
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
}
