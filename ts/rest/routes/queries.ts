// `/queries`: the statements that run.
import { z } from 'zod';
import type { QueryService } from '../../services/query-service.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Core database';

const activeQuery = z.object({
  id: z.string(),
  sql: z.string(),
  user: z.string(),
  state: z.enum(['waiting', 'running', 'cancelling']),
  startedAt: z.string(),
  ageMs: z.int(),
});

export function queriesRoutes(queries: QueryService): readonly Route[] {
  return [
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
  ];
}
