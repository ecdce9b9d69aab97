// The head of a request as the lane takes it: stricter than RFC 9112 in all it looks at, so that
// nothing is read here otherwise than node:http would read it. What is not plain is not judged.
import type { IncomingHttpHeaders } from 'node:http';
import { isJson } from '../json-type.ts';

export interface PlainRequest {
  /** By their names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Where the request ends in the bytes that were looked at. */
  readonly end: number;
}

const START = Buffer.from('POST /api/v1/query HTTP/1.1\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
/** Longer heads are not plain. */
const HEAD_MAX_BYTES = 2048;
/** Longer bodies take the long way, by the lane and by node:http alike. */
export const BODY_MAX_BYTES = 64 * 1024;
/** Headers whose meaning for the connection, the body and the answer is known to be none or ours. */
const KNOWN: readonly string[] = [
  'accept',
  'accept-language',
  'connection',
  'content-length',
  'content-type',
  'host',
  'origin',
  'sec-fetch-mode',
  'user-agent',
  'x-request-id',
];
/** One line of a head: a token, and visible characters with single spaces or tabs between them. */
const LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*((?:[!-~]+(?:[ \t]+[!-~]+)*)?)[ \t]*$/;
const LENGTH = /^[1-9]\d{0,4}$/;

function headersOf(head: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const match = LINE.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || !KNOWN.includes(name) || headers[name] !== undefined)
      return undefined;
    headers[name] = match?.[2] ?? '';
  }
  return headers;
}

function isPlain(headers: Readonly<Record<string, string>>): boolean {
  const { connection = 'keep-alive', host } = headers;
  return host !== undefined && /^keep-alive$/i.test(connection) && isJson(headers);
}

/**
 * The whole request at the beginning of `bytes`, if it is a plain one for `POST /api/v1/query`; none
 * where it is another, or not complete.
 */
export function plainRequest(bytes: Buffer): PlainRequest | undefined {
  const headEnd = bytes.indexOf(HEAD_END, START.length - 2);
  if (headEnd < START.length || headEnd > HEAD_MAX_BYTES) return undefined;
  if (bytes.compare(START, 0, START.length, 0, START.length) !== 0) return undefined;
  const headers = headersOf(bytes.toString('latin1', START.length, headEnd));
  if (headers === undefined || !isPlain(headers)) return undefined;
  const length = headers['content-length'] ?? '';
  if (!LENGTH.test(length) || Number(length) > BODY_MAX_BYTES) return undefined;
  const start = headEnd + HEAD_END.length;
  const end = start + Number(length);
  if (end > bytes.length) return undefined;
  return { headers, body: bytes.subarray(start, end), end };
}
