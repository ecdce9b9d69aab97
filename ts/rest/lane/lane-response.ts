import { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Transform } from 'node:stream';
import type { Clock } from '../../util/clock.ts';
import type { AnswerTarget } from '../answer-target.ts';
import { type Encoding, encoderOf } from './lane-encoding.ts';

/** The date of answers, made anew each second. */
export class DateHeader {
  readonly #clock: Clock;
  #second = 0;
  #text = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get text(): string {
    const second = Math.floor(this.#clock.wallMs() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toUTCString();
    }
    return this.#text;
  }
}

export interface LaneResponseOptions {
  readonly socket: Socket;
  readonly date: DateHeader;
  /** For the header `Keep-Alive`. */
  readonly keepAliveSeconds: number;
  /** The connection is closed behind this answer. */
  readonly isLast: () => boolean;
  /** The answer is complete. */
  readonly onEnd: () => void;
}

/**
 * One answer of HTTP/1.1 on a connection of the lane: what node:http writes, without its layers. A
 * body whose length the head does not say goes out in chunks.
 */
export class LaneResponse extends EventEmitter implements AnswerTarget {
  readonly req = { method: 'POST' } as const;
  readonly #options: LaneResponseOptions;
  #status = 200;
  /** Written with the first piece of the body. */
  #head = '';
  #isChunked = false;
  #headersSent = false;

  #encoder: Transform | undefined;
  #encoding: Encoding | undefined;

  constructor(options: LaneResponseOptions) {
    super();
    this.#options = options;
  }

  get socket(): Socket {
    return this.#options.socket;
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  get destroyed(): boolean {
    return this.#options.socket.destroyed;
  }

  get statusCode(): number {
    return this.#status;
  }

  /** What follows goes out compressed. To be called before the head. */
  compress(encoding: Encoding): void {
    const { socket } = this.#options;
    const encoder = encoderOf(encoding);
    encoder.on('data', (bytes: Buffer) => {
      if (this.#send(bytes)) return;
      encoder.pause();
      socket.once('drain', () => encoder.resume());
    });
    encoder.on('end', () => this.#finish());
    encoder.on('drain', () => this.emit('drain'));
    encoder.on('error', () => this.destroy());
    this.once('close', () => encoder.destroy());
    this.#encoder = encoder;
    this.#encoding = encoding;
  }

  writeHead(status: number, headers: readonly string[]): this {
    const { date, keepAliveSeconds, isLast } = this.#options;
    this.#status = status;
    this.#headersSent = true;
    this.#isChunked = true;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
    for (let at = 0; at < headers.length; at += 2) {
      if (headers[at] === 'Content-Length') {
        if (this.#encoder !== undefined) continue;
        this.#isChunked = false;
      }
      head += `${headers[at]}: ${headers[at + 1]}\r\n`;
    }
    if (this.#encoding !== undefined) head += `Content-Encoding: ${this.#encoding}\r\n`;
    head += isLast()
      ? `Date: ${date.text}\r\nConnection: close\r\n`
      : `Date: ${date.text}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`;
    if (this.#isChunked) head += 'Transfer-Encoding: chunked\r\n';
    this.#head = `${head}\r\n`;
    return this;
  }

  write(chunk: Buffer | string, encoding: BufferEncoding = 'utf8'): boolean {
    if (this.#encoder !== undefined) return this.#encoder.write(chunk, encoding);
    const isFree = this.#send(chunk, encoding);
    if (!isFree) this.#options.socket.once('drain', () => this.emit('drain'));
    return isFree;
  }

  end(chunk: Buffer | string = '', encoding: BufferEncoding = 'utf8'): this {
    if (this.#encoder !== undefined) {
      this.#encoder.end(chunk, encoding);
      return this;
    }
    if (chunk.length > 0 || this.#head !== '') this.#send(chunk, encoding);
    this.#finish();
    return this;
  }

  destroy(): this {
    this.#options.socket.destroy();
    return this;
  }

  #finish(): void {
    if (this.#isChunked) this.#options.socket.write('0\r\n\r\n', 'latin1');
    this.emit('finish');
    this.#options.onEnd();
  }

  #send(chunk: Buffer | string, encoding: BufferEncoding = 'utf8'): boolean {
    const { socket } = this.#options;
    const head = this.#head;
    this.#head = '';
    if (typeof chunk === 'string' && encoding === 'latin1' && !this.#isChunked) {
      return socket.write(head + chunk, 'latin1');
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    const isFramed = this.#isChunked && bytes.length > 0;
    socket.cork();
    const before = isFramed ? `${head}${bytes.length.toString(16)}\r\n` : head;
    if (before !== '') socket.write(before, 'latin1');
    let isFree = bytes.length === 0 || socket.write(bytes);
    if (isFramed) isFree = socket.write('\r\n', 'latin1');
    socket.uncork();
    return isFree;
  }
}
