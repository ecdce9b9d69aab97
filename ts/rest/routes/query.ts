// `/query`, `/queries` and `/batch`: SQL by HTTP.
import { z } from 'zod';
import { encodeParameters, type Layout, type StatementRequest } from '../../engine/index.ts';
import { RustyError } from '../../errors/index.ts';
import type { BatchService } from '../../services/batch-service.ts';
import { Collector } from '../../services/collect.ts';
import type { QueryEnd, QueryService } from '../../services/query-service.ts';
import { errorBody, toRustyError } from '../error-body.ts';
import type { Reply } from '../reply.ts';
import { type Route, type RouteRequest, route } from '../route.ts';

const GROUP = 'Core database';
/** The longest time that a request may ask for. */
const TIMEOUT_MAX_MS = 24 * 3600 * 1000;

const parameters = z
  .array(z.unknown())
  .max(65535)
  .meta({ description: 'The values of $1, $2, ...' });

const statement = z.strictObject({
  sql: z.string().min(1).meta({ description: 'One statement, parameters as $1' }),
  params: parameters.optional(),
});

const queryBody = statement.extend({
  transactionId: z.string().optional().meta({ description: 'Not in this version' }),
  timeoutMs: z.int().min(1).max(TIMEOUT_MAX_MS).optional(),
  maxRows: z.int().min(0).optional().meta({ description: 'Rows beyond this are left out' }),
  format: z.enum(['objects', 'arrays', 'columns']).default('objects'),
  readOnly: z.boolean().default(false),
});

const column = z.object({ name: z.string(), type: z.string(), nullable: z.boolean() });

const queryAnswer = z.object({
  columns: z.array(column),
  rows: z.array(z.unknown()),
  rowCount: z.int(),
  command: z.string(),
  truncated: z.boolean().optional(),
  executionTimeMs: z.number(),
  queryId: z.string(),
});

type QueryBody = z.output<typeof queryBody>;

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

function representationOf(accept: string | undefined, body: QueryBody): Representation {
  const wanted = (accept ?? '*/*').toLowerCase();
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

const endOf = ({ executionTimeMs, queryId }: QueryEnd): string =>
  `,"executionTimeMs":${executionTimeMs},"queryId":${JSON.stringify(queryId)}}`;

/**
 * Ends a body that has begun with the error: rows of JSON are followed by a member `error`, lines by
 * one with it. CSV has no place for one: the connection breaks.
 */
function endWithError(
  reply: Reply,
  { contentType, layout }: Representation,
  thrown: unknown,
  requestId: string,
): void {
  const { error } = errorBody(toRustyError(thrown), requestId);
  if (layout === 'csv') reply.destroy();
  else if (layout === 'ndjson') reply.end(contentType, `${JSON.stringify({ error })}\n`);
  else reply.end(contentType, `],"error":${JSON.stringify(error)}}`);
}

/** Streams a statement's answer. */
async function answer(
  queries: QueryService,
  { body, headers, context, signal }: RouteRequest<undefined, undefined, QueryBody>,
  reply: Reply,
): Promise<void> {
  const as = representationOf(headers.accept, body);
  const user = context.principal?.user ?? '';
  const request = requestOf(body, as.layout, signal);
  try {
    const end = await queries.run(user, request, reply.stream(as.contentType));
    const isJson = as.contentType === 'application/json';
    reply.end(as.contentType, isJson ? endOf(end) : '');
  } catch (error) {
    if (!reply.isStreaming) throw error;
    endWithError(reply, as, error, context.requestId);
  }
}

const EXPLAIN_MAX_BYTES = 16 * 1024 * 1024;

async function explain(
  queries: QueryService,
  user: string,
  body: z.output<typeof explainBody>,
  signal: AbortSignal,
): Promise<unknown> {
  const options = body.analyze ? 'FORMAT JSON, ANALYZE' : 'FORMAT JSON';
  const collector = new Collector(EXPLAIN_MAX_BYTES);
  const request: StatementRequest = {
    sql: `EXPLAIN (${options}) ${body.sql}`,
    parameters: encodeParameters(body.params ?? []),
    layout: 'arrays',
    signal,
  };
  await queries.run(user, request, collector.take);
  const { rows } = JSON.parse(`${collector.text()}}`) as { rows: [unknown][] };
  const plan = rows[0]?.[0];
  return typeof plan === 'string' ? JSON.parse(plan) : plan;
}

const explainBody = statement.extend({ analyze: z.boolean().default(false) });

const batchBody = z.strictObject({
  statements: z.array(z.union([z.string().min(1), statement])).min(1),
  atomic: z.boolean().default(true),
});

const activeQuery = z.object({
  id: z.string(),
  sql: z.string(),
  user: z.string(),
  state: z.enum(['waiting', 'running', 'cancelling']),
  startedAt: z.string(),
  ageMs: z.int(),
});

export function queryRoutes(queries: QueryService, batches: BatchService): readonly Route[] {
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
          schema: queryAnswer,
          contentTypes: ['application/x-ndjson', 'text/csv'],
        },
      },
      handle: (request, reply) => answer(queries, request as never, reply),
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
        reply.json(await explain(queries, context.principal?.user ?? '', body, signal));
      },
    }),
    route({
      method: 'get',
      path: '/queries',
      id: 'listQueries',
      group: GROUP,
      summary: 'The statements that run, oldest first',
      permission: 'queries:read',
      querySchema: z.strictObject({
        limit: z.coerce.number().int().min(1).max(1000).default(50),
        offset: z.coerce.number().int().min(0).default(0),
      }),
      answers: {
        200: {
          description: 'A page of them',
          schema: z.object({ items: z.array(activeQuery), total: z.int() }),
        },
      },
      handle({ query }, reply) {
        const all = queries.list();
        const items = all.slice(query.offset, query.offset + query.limit);
        reply.json({ items, total: all.length });
      },
    }),
    route({
      method: 'delete',
      path: '/queries/{id}',
      id: 'cancelQuery',
      group: GROUP,
      summary: 'Interrupt a statement',
      permission: 'queries:cancel',
      pathSchema: z.strictObject({ id: z.string() }),
      answers: { 204: { description: 'It was interrupted' } },
      handle({ path }, reply) {
        queries.cancel(path.id);
        reply.empty();
      },
    }),
    route({
      method: 'post',
      path: '/batch',
      id: 'batch',
      group: GROUP,
      summary: 'Run several statements, by default all or none',
      permission: 'queries:execute',
      bodySchema: batchBody,
      bodyExample: { statements: ['SELECT 1', { sql: 'SELECT $1::text', params: ['a'] }] },
      answers: {
        200: {
          description: 'One result a statement, in order',
          schema: z.object({ results: z.array(z.unknown()) }),
        },
      },
      async handle({ body, context, signal }, reply) {
        const statements = body.statements.map((one) =>
          typeof one === 'string' ? { sql: one, params: [] } : { ...one, params: one.params ?? [] },
        );
        const user = context.principal?.user ?? '';
        const results = await batches.run(user, statements, body.atomic, signal);
        const shown = results.map((result) =>
          typeof result === 'string'
            ? result
            : JSON.stringify(errorBody(result, context.requestId)),
        );
        reply.text('application/json', `{"results":[${shown.join(',')}]}`);
      },
    }),
  ];
}
