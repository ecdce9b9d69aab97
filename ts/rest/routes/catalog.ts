import type { CrudServices } from '../crud.ts';
import type { Route } from '../route.ts';
import { databaseRoutes } from './databases.ts';
import { indexRoutes } from './indexes.ts';
import { materializedViewRoutes } from './materialized-views.ts';
import { schemaRoutes } from './schemas.ts';
import { sequenceRoutes } from './sequences.ts';
import { tableRoutes } from './tables.ts';
import { viewRoutes } from './views.ts';

/** The routes of everything that the catalog has. */
export function catalogRoutes(services: CrudServices): readonly Route[] {
  return [
    databaseRoutes,
    tableRoutes,
    schemaRoutes,
    viewRoutes,
    materializedViewRoutes,
    indexRoutes,
    sequenceRoutes,
  ].flatMap((routes) => routes(services));
}
