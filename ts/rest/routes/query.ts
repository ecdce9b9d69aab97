// `/query`: SQL by HTTP.
import { z } from 'zod';
import { encodeParameters, type Layout, type StatementRequest } from '../../engine/index.ts';
import { RustyError } from '../../errors/index.ts';
import type { ExplainService } from '../../services/explain-service.ts';
import type { QueryEnd, QueryService } from '../../services/query-service.ts';
import { errorBody, toRustyError } from '../error-body.ts';
import { errorSchema } from '../error-schema.ts';
import { type Route, type RouteRequest, route } from '../route.ts';
import type { StreamReply } from '../stream-reply.ts';
import { validate } from '../validate.ts';
import { PARAMETERS_MAX, statement } from './statement.ts';

const GROUP = 'Core database';
/** The longest time that a request may ask for. */
const TIMEOUT_MAX_MS = 24 * 3600 * 1000;

const queryBody = statement.extend({
  transactionId: z.string().optional().meta({ description: 'Not in this version' }),
  timeoutMs: z.int().min(1).max(TIMEOUT_MAX_MS).optional(),
  maxRows: z.int().min(0).optional().meta({ description: 'Rows beyond this are left out' }),
  format: z.enum(['objects', 'arrays', 'columns']).default('objects'),
  readOnly: z.boolean().default(false),
});

const column = z.object({ name: z.string(), type: z.string(), nullable: z.boolean() });

const rows = { columns: z.array(column), rows: z.array(z.unknown()) };
const queryAnswer = z.object({
  ...rows,
  rowCount: z.int(),
  command: z.string(),
  truncated: z.boolean().optional(),
  executionTimeMs: z.number(),
  queryId: z.string(),
});

/** An answer that an error ended after its status had gone out. */
const brokenAnswer = z.object({ ...rows, error: errorSchema.shape.error });

type QueryBody = z.output<typeof queryBody>;
type QueryRequest = RouteRequest<undefined, undefined, QueryBody>;

/** A statement and its parameters, and nothing else: what the schema would find valid as it is. */
function isPlain(body: unknown): body is { readonly sql: string; readonly params?: unknown[] } {
  if (typeof body !== 'object' || body === null) return false;
  const { sql, params } = body as { sql?: unknown; params?: unknown };
  if (typeof sql !== 'string' || sql === '') return false;
  const isList = Array.isArray(params) && params.length <= PARAMETERS_MAX;
  return (isList || params === undefined) && Object.keys(body).length === (isList ? 2 : 1);
}

/** The body of a query; most are seen to be valid at a glance. */
export function queryBodyOf(body: unknown): QueryBody {
  if (isPlain(body)) {
    return { sql: body.sql, params: body.params, format: 'objects', readOnly: false };
  }
  return validate(queryBody, body, 'body');
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

function requestOf(body: QueryBody, layout: Layout, signal: AbortSignal): StatementRequest {
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

/** Streams a statement's answer; what ends at once is answered when this returns. */
export function answerQuery(
  queries: QueryService,
  { body, headers, context, signal }: Pick<QueryRequest, 'body' | 'headers' | 'context' | 'signal'>,
  reply: StreamReply,
): void | Promise<void> {
  const as = representationOf(headers.accept, body);
  const user = context.principal?.user ?? '';
  const request = requestOf(body, as.layout, signal);
  const finish = (end: QueryEnd): void => {
    reply.end(as.contentType, as.contentType === 'application/json' ? endOf(end) : '');
  };
  const fail = (error: unknown): void => {
    if (!reply.isStreaming) throw error;
    endWithError(reply, as, error, context.requestId);
  };
  try {
    const end = queries.run(user, request, reply.stream(as.contentType));
    if (end instanceof Promise) return end.then(finish).catch(fail);
    finish(end);
  } catch (error) {
    fail(error);
  }
}

const explainBody = statement.extend({ analyze: z.boolean().default(false) });

export function queryRoutes(queries: QueryService, explains: ExplainService): readonly Route[] {
  return [
    route({
      method: 'post',
      path: '/query',
      id: 'query',
      group: GROUP,
      summary: 'Run a statement',
      description:
        'The rows stream. After an error in the middle of them the body ends with a member `error` ' +
        '(NDJSON: a last line with it; CSV: the connection breaks).',
      permission: 'queries:execute',
      bodySchema: queryBody,
      bodyExample: { sql: 'SELECT $1::int + 1 AS two', params: [1] },
      answers: {
        200: {
          description: 'The result',
          schema: z.union([queryAnswer, brokenAnswer]),
          contentTypes: ['application/x-ndjson', 'text/csv'],
        },
      },
      handle: (request, reply) => answerQuery(queries, request as never, reply),
    }),
    route({
      method: 'post',
      path: '/query/explain',
      id: 'explainQuery',
      group: GROUP,
      summary: 'The plan of a statement; with `analyze` it is run',
      permission: 'queries:execute',
      bodySchema: explainBody,
      bodyExample: { sql: 'SELECT 1' },
      answers: { 200: { description: 'The plan tree', schema: z.array(z.unknown()) } },
      async handle({ body, context, signal }, reply) {
        const { sql, params = [], analyze: isAnalyzed } = body;
        const request = { sql, params, isAnalyzed, signal };
        reply.json(await explains.explain(context.principal?.user ?? '', request));
      },
    }),
  ];
}
