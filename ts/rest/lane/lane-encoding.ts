// Compression on the lane, for clients that list what they accept in the plainest way, as browsers
// and most libraries do. Which answers are compressed, and how, is as the application has it.
import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib';

/** What an answer may be compressed with, the preferred one first. */
const ENCODINGS = ['br', 'gzip', 'deflate'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** Shorter answers are not compressed. */
export const COMPRESSED_MIN_BYTES = 1024;
/** Types of answers that are. */
const COMPRESSED_TYPES: readonly string[] = ['application/json', 'text/csv'];
/** Names without weights. */
const PLAIN_LIST = /^(?:gzip|deflate|br|zstd|identity)(?:, ?(?:gzip|deflate|br|zstd|identity))*$/;
/** Of eleven: what it still gains above costs much more time. */
const BROTLI_QUALITY = 4;

/** Whether a value of `Accept-Encoding` leaves nothing to weigh. */
export function isPlainList(accepted: string): boolean {
  return PLAIN_LIST.test(accepted);
}

/** The best that a plain list allows; undefined where an answer stays as it is. */
export function encodingOf(accepted: string | undefined): Encoding | undefined {
  if (accepted === undefined) return undefined;
  const names = accepted.split(/, ?/);
  return ENCODINGS.find((name) => names.includes(name));
}

/** Whether an answer is worth it; its length is undefined where it is not known yet. */
export function isCompressed(contentType: string, bytes: number | undefined): boolean {
  return COMPRESSED_TYPES.includes(contentType) && (bytes ?? Infinity) >= COMPRESSED_MIN_BYTES;
}

export function encoderOf(encoding: Encoding): Transform {
  if (encoding === 'gzip') return createGzip();
  if (encoding === 'deflate') return createDeflate();
  return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
}
