import { z } from 'zod';
import { type CrudServices, crudRoutes } from '../crud.ts';
import type { Route } from '../route.ts';

const body = z.strictObject({
  name: z.string().min(1),
  schema: z.string().min(1).optional(),
  query: z.string().min(1).meta({ description: 'The SELECT whose rows it has' }),
  columns: z.array(z.string().min(1)).min(1).optional(),
  replace: z.boolean().optional().meta({ description: 'Takes the place of the view there is' }),
});

const item = z.object({ schema: z.string(), name: z.string(), definition: z.string() });

/** `/views` */
export function viewRoutes(services: CrudServices): readonly Route[] {
  return crudRoutes(
    {
      kind: 'view',
      drops: 'view',
      path: '/views',
      one: 'View',
      many: 'Views',
      hasSchema: true,
      item,
      create: {
        body,
        example: { name: 'ones', query: 'SELECT 1 AS one' },
        async run(caller, view, profile) {
          const name = { schema: view.schema ?? profile, name: view.name };
          await services.tables.createView(caller, { ...view, ...name });
          return name;
        },
      },
    },
    services,
  );
}
