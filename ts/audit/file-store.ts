import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { replaceFile } from '../util/replace-file.ts';
import { CHAIN_START, openRecord, sha256 } from './audit-record.ts';
import type { AuditStore, FoundChain } from './audit-store.ts';
import { linesBackwards } from './lines.ts';
import { segmentName, segmentsOf, type TornEnd } from './segments.ts';

export interface FileStoreOptions {
  readonly folder: string;
  /** A segment that has as many bytes is followed by a new one. */
  readonly segmentBytes: () => number;
  /** Segments that are kept. */
  readonly maxSegments: () => number;
}

interface Segment {
  readonly file: FileHandle;
  /** Bytes of whole appends: the place of the next. */
  sizeBytes: number;
}

/** The audit log in the files of a folder. */
export class FileStore implements AuditStore {
  readonly #options: FileStoreOptions;
  /** The paths of the segments, the oldest first. */
  #paths: readonly string[] = [];
  #last: Segment | undefined;

  constructor(options: FileStoreOptions) {
    this.#options = options;
  }

  async open(): Promise<FoundChain> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    this.#paths = await segmentsOf(this.#options.folder);
    const path = this.#paths.at(-1);
    if (path === undefined) return { end: CHAIN_START, torn: undefined };
    const { size } = await stat(path);
    for await (const { bytes, offset, isWhole } of linesBackwards(path)) {
      const record = isWhole ? openRecord(bytes.toString()) : undefined;
      if (record === undefined) continue;
      const end = { seq: record.seq, hash: record.hash };
      const wholeBytes = offset + bytes.length + 1;
      if (wholeBytes < size) return { end, torn: await tornEnd(path, wholeBytes) };
      this.#last = { file: await open(path, 'r+'), sizeBytes: size };
      return { end, torn: undefined };
    }
    throw new Error(`${path}: not one record of the audit log in it is whole`);
  }

  needsSegment(bytes: number): 'first' | 'full' | undefined {
    if (this.#last === undefined) return 'first';
    return this.#last.sizeBytes + bytes > this.#options.segmentBytes() ? 'full' : undefined;
  }

  outdated(): readonly string[] {
    const beyond = this.#paths.length + 1 - this.#options.maxSegments();
    return this.#paths.slice(0, Math.max(0, beyond)).map((path) => basename(path));
  }

  async beginSegment(firstSeq: number, line: string): Promise<void> {
    const { folder } = this.#options;
    // What a failed append left behind is none of the log.
    await this.#last?.file.truncate(this.#last.sizeBytes);
    await this.#last?.file.datasync();
    const path = join(folder, segmentName(firstSeq));
    await replaceFile(path, line);
    const file = await open(path, 'r+');
    await this.#last?.file.close();
    const outdated = this.outdated();
    this.#last = { file, sizeBytes: Buffer.byteLength(line) };
    this.#paths = [...this.#paths.filter((one) => !outdated.includes(basename(one))), path];
    for (const name of outdated) await rm(join(folder, name), { force: true });
  }

  async append(lines: string): Promise<void> {
    const segment = this.#last;
    if (segment === undefined) throw new Error('the audit log has no segment');
    const bytes = Buffer.from(lines);
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      const place = segment.sizeBytes + written;
      written += (await segment.file.write(bytes, written, left, place)).bytesWritten;
    }
    segment.sizeBytes += bytes.length;
  }

  async sync(): Promise<void> {
    await this.#last?.file.datasync();
  }

  async close(): Promise<void> {
    await this.#last?.file.close();
    this.#last = undefined;
  }

  async *newestFirst(): AsyncGenerator<string> {
    for (const path of this.#paths.toReversed()) {
      try {
        for await (const { bytes, isWhole } of linesBackwards(path)) {
          if (isWhole) yield bytes.toString();
        }
      } catch (error) {
        // It went while it was read: it was the oldest.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }
}

async function tornEnd(path: string, offset: number): Promise<TornEnd> {
  const bytes = await bytesFrom(path, offset);
  return { segment: basename(path), offset, bytes: bytes.length, sha256: sha256(bytes) };
}

/** What a file has from an offset on. */
export async function bytesFrom(path: string, offset: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    await file.read(bytes, 0, bytes.length, offset);
    return bytes;
  } finally {
    await file.close();
  }
}
