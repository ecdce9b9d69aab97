// The head of a request as the lane takes it: stricter than RFC 9112 in all it looks at, so that
// nothing is read here otherwise than node:http would read it. What is not plain is not judged.
import type { IncomingHttpHeaders } from 'node:http';
import { BoundedMap } from '../../util/bounded-map.ts';
import { isJson } from '../json-type.ts';
import { isPlainList } from './lane-encoding.ts';

export interface PlainRequest {
  /** By their names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Where the request ends in the bytes that were looked at. */
  readonly end: number;
}

const START = 'POST /api/v1/query HTTP/1.1\r\n';
const HEAD_END = '\r\n\r\n';
/** Heads that are known by their bytes. */
const HEADS_MAX = 64;
/** Longer heads are not plain. */
const HEAD_MAX_BYTES = 2048;
/** Longer bodies take the long way, by the lane and by node:http alike. */
export const BODY_MAX_BYTES = 64 * 1024;
/** Headers whose meaning for the connection, the body and the answer is known to be none or ours. */
const KNOWN: readonly string[] = [
  'accept',
  'accept-encoding',
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
  const { connection = 'keep-alive', host, 'accept-encoding': encodings = 'identity' } = headers;
  const isLasting = host !== undefined && /^keep-alive$/i.test(connection);
  return isLasting && isPlainList(encodings) && isJson(headers);
}

/** What a plain head says. */
interface PlainHead {
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
}

function headOf(head: string): PlainHead | undefined {
  const headers = headersOf(head.slice(START.length));
  if (headers === undefined || !isPlain(headers)) return undefined;
  const length = headers['content-length'] ?? '';
  if (!LENGTH.test(length) || Number(length) > BODY_MAX_BYTES) return undefined;
  return { headers, bodyBytes: Number(length) };
}

/**
 * Reads plain requests. A client's heads are all alike but for the length, and so are those of
 * clients that are alike: those that came last are known by their bytes.
 */
export class PlainReader {
  readonly #heads = new BoundedMap<string, PlainHead>({
    name: 'plain_heads',
    cap: HEADS_MAX,
    whenFull: 'evict-least-recent',
  });

  /**
   * The whole request at the beginning of `bytes`, if it is a plain one for `POST /api/v1/query`;
   * none where it is another, or not complete.
   */
  read(bytes: Buffer): PlainRequest | undefined {
    const headEnd = bytes.indexOf(HEAD_END, START.length - 2, 'latin1');
    if (headEnd < START.length || headEnd > HEAD_MAX_BYTES) return undefined;
    const text = bytes.toString('latin1', 0, headEnd);
    const head = this.#heads.get(text) ?? this.#readHead(text);
    if (head === undefined) return undefined;
    const start = headEnd + HEAD_END.length;
    const end = start + head.bodyBytes;
    if (end > bytes.length) return undefined;
    return { headers: head.headers, body: bytes.subarray(start, end), end };
  }

  #readHead(text: string): PlainHead | undefined {
    if (!text.startsWith(START)) return undefined;
    const head = headOf(text);
    // A head with an id comes once.
    if (head !== undefined && head.headers['x-request-id'] === undefined) {
      this.#heads.set(text, head);
    }
    return head;
  }
}
