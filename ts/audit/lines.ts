// The lines of a file, forwards and backwards, in pieces: files of the audit log may be large.
import { type FileHandle, open } from 'node:fs/promises';

const PIECE_BYTES = 256 * 1024;
const LINE_FEED = 10;

/** A line, or what stands behind the last line feed. */
export interface Line {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
  /** False where no line feed ends it. */
  readonly isWhole: boolean;
}

async function readPiece(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(bytes);
  const { bytesRead } = await file.read(piece, 0, bytes, offset);
  return piece.subarray(0, bytesRead);
}

/** The lines of a file, the first one first. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let offset = 0;
    for (;;) {
      const piece = await readPiece(file, offset + rest.length, PIECE_BYTES);
      if (piece.length === 0) break;
      rest = Buffer.concat([rest, piece]);
      let end = rest.indexOf(LINE_FEED);
      let start = 0;
      while (end !== -1) {
        yield { bytes: rest.subarray(start, end), offset: offset + start, isWhole: true };
        start = end + 1;
        end = rest.indexOf(LINE_FEED, start);
      }
      rest = rest.subarray(start);
      offset += start;
    }
    if (rest.length > 0) yield { bytes: rest, offset, isWhole: false };
  } finally {
    await file.close();
  }
}

/** The lines of a file, the last one first; what has no line feed behind it comes first of all. */
export async function* linesBackwards(path: string): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    let at = (await file.stat()).size;
    let rest: Buffer = Buffer.alloc(0);
    let isWhole = false;
    while (at > 0) {
      const bytes = Math.min(PIECE_BYTES, at);
      rest = Buffer.concat([await readPiece(file, at - bytes, bytes), rest]);
      at -= bytes;
      let feed = rest.lastIndexOf(LINE_FEED);
      while (feed !== -1) {
        const line = rest.subarray(feed + 1);
        if (isWhole || line.length > 0) yield { bytes: line, offset: at + feed + 1, isWhole };
        isWhole = true;
        rest = rest.subarray(0, feed);
        feed = rest.lastIndexOf(LINE_FEED);
      }
    }
    if (rest.length > 0 || isWhole) yield { bytes: rest, offset: 0, isWhole };
  } finally {
    await file.close();
  }
}
