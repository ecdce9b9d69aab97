// `/materialized-views`: queries whose rows are kept until they are refreshed.
import { z } from 'zod';
import { type CrudServices, callerOf, crudRoutes, namePath, schemaQuery } from '../crud.ts';
import { relationOf } from '../relation-name.ts';
import { type Route, route } from '../route.ts';

const body = z.strictObject({
  name: z.string().min(1),
  schema: z.string().min(1).optional(),
  query: z.string().min(1).meta({ description: 'The SELECT whose rows it keeps' }),
  columns: z.array(z.string().min(1)).min(1).optional(),
  withData: z.boolean().optional().meta({ description: 'false: empty until it is refreshed' }),
});

const item = z.object({
  schema: z.string(),
  name: z.string(),
  definition: z.string(),
  populated: z.boolean(),
});

function refreshRoute({ tables, catalog }: CrudServices): Route {
  return route({
    method: 'post',
    path: '/materialized-views/{name}/refresh',
    id: 'refreshMaterializedView',
    group: 'Core database',
    summary: 'Run the query of a materialized view again',
    permission: 'materialized-view:refresh',
    pathSchema: namePath,
    querySchema: schemaQuery,
    answers: { 200: { description: 'It has the rows of now', schema: item } },
    async handle(request, reply) {
      const { path, query, headers } = request;
      const target = relationOf(path.name, headers, 'content-profile', query.schema);
      await tables.refreshMaterializedView(callerOf(request), target);
      reply.json(await catalog.get(callerOf(request), 'materialized view', target));
    },
  });
}

export function materializedViewRoutes(services: CrudServices): readonly Route[] {
  const crud = crudRoutes(
    {
      kind: 'materialized view',
      drops: 'materialized view',
      path: '/materialized-views',
      one: 'MaterializedView',
      many: 'MaterializedViews',
      hasSchema: true,
      item,
      create: {
        body,
        example: { name: 'totals', query: 'SELECT 1 AS one' },
        async run(caller, view, profile) {
          const name = { schema: view.schema ?? profile, name: view.name };
          await services.tables.createMaterializedView(caller, { ...view, ...name });
          return name;
        },
      },
    },
    services,
  );
  return [...crud, refreshRoute(services)];
}
