// The bodies of requests that a job reads after its request was answered: they wait in files that
// have no name any more, so that nothing of them is left however the process ends.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RustyError } from '../../errors/index.ts';

/** One read. */
const PIECE_BYTES = 256 * 1024;

/** The bytes that wait in all spools together. */
export class SpoolRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws RESOURCE_EXHAUSTED where there is not so much room left. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) {
      const limit = `${this.#maxBytes} bytes`;
      throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'the room for uploads of jobs', limit });
    }
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** What the file system says, as an error of ours. */
function ofFile(error: unknown): RustyError {
  const { code, message } = error as NodeJS.ErrnoException;
  const sqlstate = code === 'ENOSPC' || code === 'EDQUOT' ? '53100' : '58030';
  return RustyError.ofSqlstate(sqlstate, `could not keep the upload: ${message}`, { cause: error });
}

/**
 * A file that one side writes while the other already reads it: memory holds one piece, however far
 * they are apart. Iterated once.
 */
export class UploadSpool implements AsyncIterable<Uint8Array> {
  readonly #file: FileHandle;
  readonly #room: SpoolRoom;
  /** Of the room. */
  #taken = 0;
  #written = 0;
  #read = 0;
  #isComplete = false;
  #isClosed = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  private constructor(file: FileHandle, room: SpoolRoom) {
    this.#file = file;
    this.#room = room;
  }

  /** Makes one in a folder that is there. */
  static async create(folder: string, room: SpoolRoom): Promise<UploadSpool> {
    const path = join(folder, `upload-${randomUUID()}`);
    try {
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return new UploadSpool(file, room);
    } catch (error) {
      throw ofFile(error);
    }
  }

  /** Bytes that were read, for progress. */
  get readBytes(): number {
    return this.#read;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get writtenBytes(): number {
    return this.#written;
  }

  /** Nobody reads it any more: what else comes is dropped. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Appends; answers when it is in the file. One at a time. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    this.#room.take(bytes.length);
    this.#taken += bytes.length;
    try {
      await this.#writeAll(bytes);
      this.#written += bytes.length;
    } catch (error) {
      if (this.#isClosed) return;
      throw ofFile(error);
    }
    this.#notify();
  }

  /** All bytes were written. */
  complete(): void {
    this.#isComplete = true;
    this.#notify();
  }

  /** The rest will not come: the reader throws the reason. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#notify();
  }

  /** Gives the room and the file back. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#room.giveBack(this.#taken);
    await this.#file.close().catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason;
      const readable = this.#written - this.#read;
      if (readable > 0) yield await this.#next(readable);
      else if (this.#isComplete) return;
      else await this.#more();
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const left = bytes.length - done;
      const { bytesWritten } = await this.#file.write(bytes, done, left, this.#written + done);
      done += bytesWritten;
    }
  }

  async #next(readable: number): Promise<Uint8Array> {
    const piece = Buffer.allocUnsafe(Math.min(readable, PIECE_BYTES));
    const { bytesRead } = await this.#file.read(piece, 0, piece.length, this.#read);
    this.#read += bytesRead;
    return piece.subarray(0, bytesRead);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
