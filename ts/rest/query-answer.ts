// What `POST /query` answers, whichever way a request came; it knows no schema, so that lanes need none.
import type { IncomingHttpHeaders } from 'node:http';
import {
  encodeParameters,
  type Layout,
  type StatementRequest,
  type TakeBytes,
} from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import type { RequestContext } from '../gateway/index.ts';
import type { TraceSpan } from '../monitoring/tracing.ts';
import type { QueryEnd, QueryService } from '../services/query-service.ts';
import { errorBody, toRustyError } from './error-body.ts';
import type { StreamReply } from './stream-reply.ts';

/** As many as PostgreSQL takes. */
export const PARAMETERS_MAX = 65535;

/** A body that was found to be valid. */
export interface QueryBody {
  readonly sql: string;
  readonly params?: unknown[] | undefined;
  readonly transactionId?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxRows?: number | undefined;
  readonly format: 'objects' | 'arrays' | 'columns';
  readonly readOnly: boolean;
}

/** A query as it is answered. */
export interface QueryRequest {
  readonly body: QueryBody;
  readonly headers: IncomingHttpHeaders;
  readonly context: RequestContext;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** A statement and its parameters, and nothing else: what the schema would find valid as it is. */
function isPlain(body: unknown): body is { readonly sql: string; readonly params?: unknown[] } {
  if (typeof body !== 'object' || body === null) return false;
  const { sql, params } = body as { sql?: unknown; params?: unknown };
  if (typeof sql !== 'string' || sql === '') return false;
  const isList = Array.isArray(params) && params.length <= PARAMETERS_MAX;
  return (isList || params === undefined) && Object.keys(body).length === (isList ? 2 : 1);
}

/** The body of a query that is seen to be valid at a glance, as most are. */
export function plainBodyOf(body: unknown): QueryBody | undefined {
  if (!isPlain(body)) return undefined;
  return { sql: body.sql, params: body.params, format: 'objects', readOnly: false };
}

/** The representations of a result, the preferred one first. */
const CONTENT_TYPES = [
  ['application/json', undefined],
  ['application/x-ndjson', 'ndjson'],
  ['text/csv', 'csv'],
] as const;

interface Representation {
  readonly contentType: string;
  readonly layout: Layout;
}

function representationOf(accept = '*/*', body: QueryBody): Representation {
  if (accept === '*/*') return { contentType: 'application/json', layout: body.format };
  const wanted = accept.toLowerCase();
  if (wanted.includes('application/vnd.apache.arrow.stream')) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'Arrow IPC as a result' });
  }
  for (const [contentType, layout] of CONTENT_TYPES) {
    const isWanted = wanted.includes(contentType);
    if (isWanted) return { contentType, layout: layout ?? body.format };
  }
  if (/\*\/\*|application\/\*/.test(wanted)) {
    return { contentType: 'application/json', layout: body.format };
  }
  const offered = CONTENT_TYPES.map(([contentType]) => contentType).join(', ');
  throw RustyError.of('NOT_ACCEPTABLE', { what: wanted, offered });
}

function requestOf(
  body: QueryBody,
  layout: Layout,
  signal: AbortSignal,
  trace: TraceSpan | undefined,
): StatementRequest {
  if (body.transactionId !== undefined) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'transactionId of a query' });
  }
  const { sql, params, timeoutMs, maxRows } = body;
  return {
    sql,
    parameters: encodeParameters(params ?? []),
    layout,
    isReadOnly: body.readOnly,
    signal,
    ...(trace === undefined ? {} : { trace }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxRows === undefined ? {} : { maxRows }),
  };
}

/** Ids of queries have nothing that JSON would escape. */
const endOf = ({ executionTimeMs, queryId }: QueryEnd): string =>
  `,"executionTimeMs":${executionTimeMs},"queryId":"${queryId}"}`;

/**
 * Ends a body that has begun with the error: rows of JSON are followed by a member `error`, lines by
 * one with it. CSV has no place for one: the connection breaks.
 */
function endWithError(
  reply: StreamReply,
  { contentType, layout }: Representation,
  thrown: unknown,
  requestId: string,
): void {
  const { error } = errorBody(toRustyError(thrown), requestId);
  if (layout === 'csv') reply.destroy();
  else if (layout === 'ndjson') reply.end(contentType, `${JSON.stringify({ error })}\n`);
  else reply.end(contentType, `],"error":${JSON.stringify(error)}}`);
}

interface Taking {
  readonly take: TakeBytes;
  readonly end: (error?: unknown) => void;
}

const nothing = (): void => undefined;

/** Takes an answer; where it is traced, from its first byte to its end is a span. */
function takingOf(take: TakeBytes, trace: TraceSpan | undefined): Taking {
  if (trace === undefined) return { take, end: nothing };
  let span: TraceSpan | undefined;
  return {
    take(bytes) {
      span ??= trace.child('encode');
      return take(bytes);
    },
    end: (error) => span?.end(error),
  };
}

/** Streams a statement's answer; what ends at once is answered when this returns. */
export function answerQuery(
  queries: QueryService,
  { body, headers, context, signal }: QueryRequest,
  reply: StreamReply,
): void | Promise<void> {
  const as = representationOf(headers.accept, body);
  const user = context.principal?.user ?? '';
  const request = requestOf(body, as.layout, signal, context.trace);
  const taking = takingOf(reply.stream(as.contentType), context.trace);
  const finish = (end: QueryEnd): void => {
    reply.end(as.contentType, as.contentType === 'application/json' ? endOf(end) : '');
    taking.end();
  };
  const fail = (error: unknown): void => {
    taking.end(error);
    if (!reply.isStreaming) throw error;
    endWithError(reply, as, error, context.requestId);
  };
  try {
    const end = queries.run(user, request, taking.take);
    if (end instanceof Promise) return end.then(finish).catch(fail);
    finish(end);
  } catch (error) {
    fail(error);
  }
}
