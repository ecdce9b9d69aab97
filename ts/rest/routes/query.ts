// `/query`: SQL by HTTP.
import { z } from 'zod';
import type { ExplainService } from '../../services/explain-service.ts';
import type { QueryService } from '../../services/query-service.ts';
import { errorSchema } from '../error-schema.ts';
import { answerQuery, type QueryBody } from '../query-answer.ts';
import { type Route, route } from '../route.ts';
import { validate } from '../validate.ts';
import { statement } from './statement.ts';

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

/** The body of a query; anything but a valid one is a VALIDATION_ERROR. */
export function queryBodyOf(body: unknown): QueryBody {
  return validate(queryBody, body, 'body');
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
      handle: (request, reply) => answerQuery(queries, request, reply),
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
