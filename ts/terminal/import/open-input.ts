// The bytes of a file or of standard input, unpacked where they are compressed: gzip and Zstandard
// are known by their first bytes, whatever the name says.
import { createReadStream, fstatSync, openSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { fileErrorText } from '../shell/system-error.ts';
import { TransferError } from '../transfer/transfer-error.ts';

const READ_BYTES = 256 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTANDARD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A source of rows. */
export interface Input {
  /** As messages name it. */
  readonly name: string;
  /** True where it may be opened a second time. */
  readonly isFile: boolean;
  /** On the disk; undefined where it is not known. */
  readonly totalBytes: number | undefined;
  /** Read from the disk so far. */
  readBytes(): number;
  /** The first bytes, unpacked: at least `length` unless the input is shorter. */
  peek(length: number): Promise<Buffer>;
  /** Everything, unpacked, the bytes that were peeked at with it. */
  bytes(): AsyncGenerator<Buffer>;
  close(): void;
}

class StreamInput implements Input {
  readonly name: string;
  readonly isFile: boolean;
  readonly totalBytes: number | undefined;
  readonly #raw: Readable;
  readonly #chunks: AsyncGenerator<Buffer>;
  #read = 0;
  #peeked: Buffer[] = [];

  constructor(raw: Readable, name: string, totalBytes: number | undefined, isFile: boolean) {
    this.name = name;
    this.isFile = isFile;
    this.totalBytes = totalBytes;
    this.#raw = raw;
    this.#chunks = this.#withoutMark();
  }

  readBytes(): number {
    return this.#read;
  }

  async peek(length: number): Promise<Buffer> {
    let size = this.#peeked.reduce((sum, chunk) => sum + chunk.length, 0);
    while (size < length) {
      const { value, done } = await this.#chunks.next();
      if (done === true) break;
      this.#peeked.push(value);
      size += value.length;
    }
    return Buffer.concat(this.#peeked);
  }

  async *bytes(): AsyncGenerator<Buffer> {
    const peeked = this.#peeked;
    this.#peeked = [];
    yield* peeked;
    yield* this.#chunks;
  }

  close(): void {
    this.#raw.destroy();
  }

  async *#counted(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#raw) {
      this.#read += chunk.length;
      yield chunk;
    }
  }

  async *#unpacked(): AsyncGenerator<Buffer> {
    const counted = this.#counted();
    let first = Buffer.alloc(0);
    while (first.length < ZSTANDARD.length) {
      const { value, done } = await counted.next();
      if (done === true) break;
      first = Buffer.concat([first, value]);
    }
    async function* all() {
      yield first;
      yield* counted;
    }
    const starts = (mark: Buffer) => first.subarray(0, mark.length).equals(mark);
    if (!starts(GZIP) && !starts(ZSTANDARD)) {
      yield* all();
      return;
    }
    const unpack = starts(GZIP)
      ? createGunzip({ chunkSize: READ_BYTES })
      : createZstdDecompress({ chunkSize: READ_BYTES });
    const source = Readable.from(all(), { objectMode: false });
    source.on('error', (error) => unpack.destroy(error));
    try {
      yield* source.pipe(unpack);
    } catch (error) {
      const { message } = error as Error;
      throw new TransferError(`${this.name}: cannot be unpacked: ${message}`);
    }
  }

  async *#withoutMark(): AsyncGenerator<Buffer> {
    let isFirst = true;
    for await (const chunk of this.#unpacked()) {
      if (chunk.length === 0) continue;
      const hasMark = isFirst && chunk.subarray(0, 3).equals(BYTE_ORDER_MARK);
      isFirst = false;
      yield hasMark ? chunk.subarray(3) : chunk;
    }
  }
}

/** Opens a file, or standard input for `-`. Throws `TransferError`. */
export function openInput(path: string, standardInput: Readable): Input {
  if (path === '-') return new StreamInput(standardInput, 'standard input', undefined, false);
  try {
    const file = openSync(path, 'r');
    const stat = fstatSync(file);
    const isFile = stat.isFile();
    const stream = createReadStream(path, { fd: file, highWaterMark: READ_BYTES });
    if (stat.isDirectory()) {
      stream.destroy();
      throw Object.assign(new Error('Is a directory'), { code: 'EISDIR' });
    }
    return new StreamInput(stream, path, isFile ? stat.size : undefined, isFile);
  } catch (error) {
    throw new TransferError(fileErrorText(path, error), { cause: error });
  }
}
