// `/batch`: several statements in one request.
import { z } from 'zod';
import type { BatchService } from '../../services/batch-service.ts';
import { errorBody } from '../error-body.ts';
import { type Route, route } from '../route.ts';
import { statement } from './statement.ts';

const GROUP = 'Core database';

const batchBody = z.strictObject({
  statements: z.array(z.union([z.string().min(1), statement])).min(1),
  atomic: z.boolean().default(true),
});

export function batchRoute(batches: BatchService): Route {
  return route({
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
        typeof result === 'string' ? result : JSON.stringify(errorBody(result, context.requestId)),
      );
      reply.text('application/json', `{"results":[${shown.join(',')}]}`);
    },
  });
}
