import { z } from 'zod';
import { type CrudServices, crudRoutes } from '../crud.ts';
import type { Route } from '../route.ts';

const item = z.object({
  name: z.string(),
  owner: z.string(),
  encoding: z.string(),
  collation: z.string(),
});

/** `/databases`: which there are. */
export function databaseRoutes(services: CrudServices): readonly Route[] {
  return crudRoutes(
    {
      kind: 'database',
      path: '/databases',
      one: 'Database',
      many: 'Databases',
      hasSchema: false,
      item,
    },
    services,
  );
}
