import { once } from 'node:events';
import type { TakeBytes } from '../engine/index.ts';
import type { AnswerTarget } from './answer-target.ts';

/** A first piece of at most this much waits for what follows at once. */
const HELD_MAX_BYTES = 16 * 1024;

export interface StreamReplyOptions {
  /** Headers that the response does not have yet: names and values in turn, which is quickest. */
  readonly headers?: readonly string[];
  /** Called before the head goes out, with the length of the body where that is known. */
  readonly onHead?: (length: number | undefined, contentType: string) => void;
}

/** What waits for it goes on once all that runs now has ended, before the event loop turns. */
const SOON = Promise.resolve();
const ASCII = /^[\0-\x7f]*$/;

/** The UTF-8 bytes of a text as characters of latin1. */
const bytesOf = (text: string): string =>
  ASCII.test(text) ? text : Buffer.from(text).toString('latin1');

const gone = (): Error => new Error('the client is gone');

/**
 * Writes the body of one answer in pieces. Nothing goes out before the first byte of the body is
 * there, so that what fails until then is answered with its own status. A body that is complete
 * before the event loop turns goes out in one write, with its length.
 */
export class StreamReply {
  readonly #response: AnswerTarget;
  readonly #options: StreamReplyOptions;
  #streams = false;
  #contentType = '';
  #status = 200;
  /** The first piece, its bytes as characters of latin1: it goes out with the head. */
  #held: string | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(response: AnswerTarget, options: StreamReplyOptions = {}) {
    this.#response = response;
    this.#options = options;
  }

  /** Bytes of the body were given: the status can no longer change. */
  get isStreaming(): boolean {
    return this.#streams;
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
    if (!this.#streams) this.#hold(contentType, status, '');
    if (this.#held === undefined) {
      this.#response.end(text);
      return;
    }
    const body = this.#held + bytesOf(text);
    this.#writeHead(body.length);
    this.#response.end(body, 'latin1');
  }

  /** Breaks the connection: a body that cannot be completed and whose form cannot say so. */
  destroy(): void {
    this.#response.destroy();
  }

  #hold(contentType: string, status: number, held: string): void {
    this.#streams = true;
    this.#contentType = contentType;
    this.#status = status;
    this.#held = held;
  }

  #send(contentType: string, status: number, bytes: Buffer): void | Promise<void> {
    if (this.#response.destroyed) throw gone();
    if (!this.#streams) {
      const isShort = bytes.length <= HELD_MAX_BYTES;
      this.#hold(contentType, status, isShort ? bytes.toString('latin1') : '');
      if (isShort) {
        void SOON.then(this.#await);
        return;
      }
    }
    this.#begin();
    if (!this.#response.write(Buffer.from(bytes))) return this.#drained();
  }

  /** Most bodies end in the call that gave their first piece: only others need a timer. */
  readonly #await = (): void => {
    if (this.#held !== undefined) this.#turn = setImmediate(() => this.#begin());
  };

  /** The body goes on: what was held goes out. */
  #begin(): void {
    const held = this.#held;
    // What was held is of no use where an error was answered meanwhile.
    if (held === undefined || this.#response.headersSent || this.#response.destroyed) return;
    this.#writeHead(undefined);
    if (held !== '') this.#response.write(held, 'latin1');
  }

  #writeHead(length: number | undefined): void {
    this.#held = undefined;
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    const { headers = [], onHead } = this.#options;
    onHead?.(length, this.#contentType);
    const all = [...headers, 'Content-Type', this.#contentType];
    // The length of an answer to HEAD is that of the body which is not there.
    if (length !== undefined && this.#response.req.method !== 'HEAD') {
      all.push('Content-Length', String(length));
    }
    this.#response.writeHead(this.#status, all);
  }

  async #drained(): Promise<void> {
    const left = new AbortController();
    const close = once(this.#response, 'close', { signal: left.signal });
    const drain = once(this.#response, 'drain', { signal: left.signal });
    try {
      await Promise.race([drain, close]);
    } finally {
      drain.catch(() => undefined);
      close.catch(() => undefined);
      left.abort();
    }
    if (this.#response.destroyed) throw gone();
  }
}
