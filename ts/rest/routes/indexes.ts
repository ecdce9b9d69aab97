import { z } from 'zod';
import { RustyError } from '../../errors/index.ts';
import { type CrudServices, crudRoutes } from '../crud.ts';
import type { Route } from '../route.ts';

const body = z.strictObject({
  name: z.string().min(1),
  schema: z.string().min(1).optional().meta({ description: 'Of its table' }),
  table: z.string().min(1),
  columns: z.array(z.string().min(1)).min(1),
  unique: z.boolean().optional(),
  method: z.string().min(1).optional().meta({ description: '`btree` where there is none' }),
  where: z.string().optional().meta({ description: 'Not in this version' }),
});

const item = z.object({
  schema: z.string(),
  name: z.string(),
  table: z.string(),
  unique: z.boolean(),
  primary: z.boolean(),
  valid: z.boolean(),
  definition: z.string(),
});

/** `/indexes` */
export function indexRoutes(services: CrudServices): readonly Route[] {
  return crudRoutes(
    {
      kind: 'index',
      drops: 'index',
      path: '/indexes',
      one: 'Index',
      many: 'Indexes',
      hasSchema: true,
      item,
      create: {
        body,
        example: { name: 'people_name', table: 'people', columns: ['name'] },
        async run(caller, { where, ...index }, profile) {
          if (where !== undefined) {
            throw RustyError.of('NOT_IMPLEMENTED', { what: 'where of an index' });
          }
          const schema = index.schema ?? profile;
          await services.tables.createIndex(caller, { ...index, schema });
          return { schema, name: index.name };
        },
      },
    },
    services,
  );
}
