// `/queries`: the statements that run.
import { z } from 'zod';
import type { ActiveQuery } from '../../services/query-service.ts';
import type { AllQueries } from '../all-queries.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
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

const ORDER = { placeOf: ({ startedAt, id }: ActiveQuery) => `${startedAt} ${id}` };

export function queriesRoutes(queries: AllQueries, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/queries',
      id: 'listQueries',
      group: GROUP,
      summary: 'The statements that run, oldest first',
      permission: 'queries:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(activeQuery) } },
      async handle({ query }, reply) {
        reply.json(pageOf(await queries.list(), query, ORDER));
      },
    }),
    route({
      method: 'delete',
      path: '/queries/{id}',
      id: 'cancelQuery',
      group: GROUP,
      summary: 'Interrupt a statement',
      permission: 'queries:cancel',
      isAudited: true,
      pathSchema: z.strictObject({ id: z.string() }),
      answers: { 204: { description: 'It was interrupted' } },
      async handle({ path }, reply) {
        await queries.cancel(path.id);
        reply.empty();
      },
    }),
  ];
}
