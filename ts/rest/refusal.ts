// What node:http's parser refuses, answered in the one error shape: it never became a request.
import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RustyError } from '../errors/index.ts';
import { SAFE_HEADERS, setHeaders } from './client-context.ts';
import { errorBody } from './error-body.ts';

/** What node:http says of bytes that are no request. */
interface ParserError {
  readonly code?: string;
  readonly reason?: string;
}

interface Failure {
  readonly status: number;
  readonly failure: RustyError;
}

/** An answer that is not made of a request. */
export interface Refusal {
  readonly failure: RustyError;
  /** Head and body; the connection closes behind it. */
  readonly bytes: Buffer;
}

const SAFE_LINES = SAFE_HEADERS.flatMap((name, at) =>
  at % 2 === 0 ? [`${name}: ${SAFE_HEADERS[at + 1]}`] : [],
);

const REQUEST_TIMEOUT = 408;
const HEAD_TOO_LARGE = 431;
/** When a client may come again that found the server busy. */
const RETRY_MS = 1000;

const tooLarge = (what: string, limit: string): RustyError =>
  RustyError.of('PAYLOAD_TOO_LARGE', { what, limit });

const slow = (what: string, afterMs: number): Failure => ({
  status: REQUEST_TIMEOUT,
  failure: RustyError.of('TIMEOUT', { what, afterMs: Math.round(afterMs) }),
});

function failureOf(error: unknown, headerTimeoutMs: number): Failure {
  const { code = '', reason = 'it is no HTTP/1.1' } = (error ?? {}) as ParserError;
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: HEAD_TOO_LARGE, failure: tooLarge('the head of the request', '16 KiB') };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW': {
      const failure = tooLarge('what is said of chunks', '16 KiB');
      return { status: failure.httpStatus, failure };
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return slow('the head of the request', headerTimeoutMs);
    default: {
      const failure = RustyError.of('VALIDATION_ERROR', { what: `the request: ${reason}` });
      return { status: failure.httpStatus, failure };
    }
  }
}

/** What answers bytes that node:http's parser does not take, or a head that was too slow. */
export function refusalOf(error: unknown, headerTimeoutMs: number): Refusal {
  return written(failureOf(error, headerTimeoutMs));
}

/** What answers a body that comes too slowly. */
export function refusalOfSlowBody(afterMs: number): Refusal {
  return written(slow('the body of the request', afterMs));
}

/** Refuses a request before it has any effect, and closes its connection. */
function refuseRequest(response: ServerResponse, failure: RustyError, status: number): void {
  const requestId = randomUUID();
  response.setHeader('X-Request-Id', requestId);
  setHeaders(response, SAFE_HEADERS);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  if (failure.retryAfterMs !== undefined) {
    response.setHeader('Retry-After', String(Math.ceil(failure.retryAfterMs / 1000)));
  }
  response.setHeader('Connection', 'close');
  response.statusCode = status;
  response.end(JSON.stringify(errorBody(failure, requestId)));
}

/** Refuses a request whose head is too large. */
export function refuseLargeHead(response: ServerResponse, failure: RustyError): void {
  refuseRequest(response, failure, HEAD_TOO_LARGE);
}

/** Refuses a request for which there is no place now. */
export function refuseBusy(response: ServerResponse): RustyError {
  const failure = RustyError.of(
    'SERVICE_UNAVAILABLE',
    { what: 'a place for one more request' },
    { retryAfterMs: RETRY_MS },
  );
  refuseRequest(response, failure, failure.httpStatus);
  return failure;
}

/** Refuses a connection before anything of it is read. */
export function refuseConnection(socket: Socket, failure: RustyError): void {
  socket.on('error', () => undefined);
  const { bytes } = written({ status: failure.httpStatus, failure });
  socket.end(bytes, () => socket.destroy());
}

function written({ status, failure }: Failure): Refusal {
  const requestId = randomUUID();
  const body = Buffer.from(JSON.stringify(errorBody(failure, requestId)));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    `X-Request-Id: ${requestId}`,
    ...SAFE_LINES,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    ...(failure.retryAfterMs === undefined
      ? []
      : [`Retry-After: ${Math.ceil(failure.retryAfterMs / 1000)}`]),
    'Connection: close',
  ];
  return { failure, bytes: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]) };
}
