// Where an export goes: standard output, or a file that gets its name once it is whole.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import { fileErrorText } from '../shell/system-error.ts';
import { TransferError } from '../transfer/transfer-error.ts';

export interface Target {
  /** The streams that the bytes go through, the destination last. */
  readonly streams: readonly [Duplex, Writable];
  /** Gives the file its name. */
  commit(): Promise<void>;
  /** Takes away what was written. */
  discard(): Promise<void>;
}

/** Standard output stays open behind an export. */
function keptOpen(stream: NodeJS.WriteStream): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      stream.write(chunk, done);
    },
  });
}

function compressorOf(path: string): Duplex {
  if (/\.gz$/i.test(path)) return createGzip();
  return /\.zst$/i.test(path) ? createZstdCompress() : new PassThrough();
}

/** Opens a file, or standard output for `-`. Throws `TransferError`. */
export async function openTarget(
  path: string,
  standardOutput: NodeJS.WriteStream,
): Promise<Target> {
  if (path === '-') {
    const streams = [new PassThrough(), keptOpen(standardOutput)] as const;
    return { streams, commit: async () => undefined, discard: async () => undefined };
  }
  const part = `${path}.part`;
  const file = createWriteStream(part, { flush: true });
  try {
    await new Promise<void>((resolve, reject) => {
      file.once('open', () => resolve());
      file.once('error', reject);
    });
  } catch (error) {
    throw new TransferError(fileErrorText(part, error), { cause: error });
  }
  return {
    streams: [compressorOf(path), file],
    commit: () => rename(part, path),
    discard: () => rm(part, { force: true }),
  };
}
