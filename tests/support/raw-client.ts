import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A message of the PostgreSQL protocol; `kind` is empty for a start-up packet. */
export function message(kind: string, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(kind.length + 4);
  head.write(kind, 'latin1');
  head.writeInt32BE(bytes.length + 4, kind.length);
  return Buffer.concat([head, bytes]);
}

export const startup = (): Buffer => message('', '\0\x03\0\0user\0rustydb\0database\0rustydb\0\0');

/** Bodies of errors and of what stands before them are kept up to this length. */
const BODY_BYTES_KEPT = 1 << 16;
const HEAD_BYTES = 5;

/** The least of a client: says any bytes, counts what it is told, and can vanish or be slow. */
export class RawClient {
  readonly #socket: Socket;
  readonly #counts = new Map<string, number>();
  readonly #errors: string[] = [];
  readonly #waiters: { readonly kinds: string; readonly resolve: (kind: string) => void }[] = [];
  #head: Buffer = Buffer.alloc(0);
  #kind = '';
  #left = 0;
  #body: Buffer[] = [];
  #isClosed = false;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Bytes received. */
  received = 0;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('drain', () => this.#drained?.resolve());
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#drained?.resolve();
      for (const { resolve } of this.#waiters.splice(0)) resolve('closed');
    });
  }

  /** Connects, and logs in. */
  async start(): Promise<void> {
    await this.connected();
    await this.send(startup(), 'Z');
  }

  async connected(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, 'connect');
  }

  /**
   * Sends bytes; with `kinds`, waits for a message of one of these kinds and gives its kind, or
   * `closed` where the connection ends before.
   */
  async send(bytes: Buffer, kinds = ''): Promise<string> {
    const answered = kinds === '' ? Promise.resolve('') : this.until(kinds);
    this.#socket.write(bytes);
    return await answered;
  }

  /** Sends bytes and waits until the system has them. */
  async write(bytes: Buffer): Promise<void> {
    if (!this.#socket.write(bytes) && !this.#isClosed) {
      this.#drained = Promise.withResolvers<void>();
      await this.#drained.promise;
    }
  }

  /** Sends a text as a simple query. */
  query(sql: string, kinds: string): Promise<string> {
    return this.send(message('Q', `${sql}\0`), kinds);
  }

  until(kinds: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    if (this.#isClosed) resolve('closed');
    else this.#waiters.push({ kinds, resolve });
    return promise;
  }

  countOf(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** SQLSTATE and message of each error, in order. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** Reads no more until `resume`: the server's answers pile up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Is gone, as when a process ends, or as when a network breaks. */
  vanish(withReset: boolean): void {
    if (withReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #take(received: Buffer): void {
    this.received += received.length;
    let chunk = received;
    while (chunk.length > 0) {
      if (this.#kind === '') chunk = this.#takeHead(chunk);
      else chunk = this.#takeBody(chunk);
      if (this.#kind !== '' && this.#left === 0) this.#ended();
    }
  }

  #takeHead(chunk: Buffer): Buffer {
    const joined = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    if (joined.length < HEAD_BYTES) {
      this.#head = joined;
      return Buffer.alloc(0);
    }
    this.#head = Buffer.alloc(0);
    this.#kind = String.fromCharCode(joined[0] as number);
    this.#left = joined.readInt32BE(1) - 4;
    return joined.subarray(HEAD_BYTES);
  }

  #takeBody(chunk: Buffer): Buffer {
    const part = chunk.subarray(0, this.#left);
    if (this.#kind === 'E' && this.#left <= BODY_BYTES_KEPT) this.#body.push(part);
    this.#left -= part.length;
    return chunk.subarray(part.length);
  }

  #ended(): void {
    const kind = this.#kind;
    this.#kind = '';
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (kind === 'E') {
      const fields = Buffer.concat(this.#body.splice(0)).toString().split('\0');
      const field = (name: string) => fields.find((text) => text.startsWith(name))?.slice(1) ?? '';
      this.#errors.push(`${field('C')} ${field('M')}`);
    }
    if (this.#waiters.length === 0) return;
    const told = this.#waiters.filter(({ kinds }) => kinds.includes(kind));
    for (const waiter of told) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve(kind);
    }
  }
}
