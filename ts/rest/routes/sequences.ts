import { z } from 'zod';
import { type CrudServices, crudRoutes } from '../crud.ts';
import type { Route } from '../route.ts';

const body = z.strictObject({
  name: z.string().min(1),
  schema: z.string().min(1).optional(),
  type: z.enum(['smallint', 'integer', 'bigint']).optional(),
  start: z.int().optional(),
  increment: z.int().optional(),
  min: z.int().optional(),
  max: z.int().optional(),
  cache: z.int().min(1).optional(),
  cycle: z.boolean().optional().meta({ description: 'Begins again behind its last number' }),
});

const item = z.object({
  schema: z.string(),
  name: z.string(),
  type: z.string(),
  start: z.number(),
  min: z.number(),
  max: z.number(),
  increment: z.number(),
  cycle: z.boolean(),
  cache: z.number(),
  lastValue: z.number().nullable(),
});

/** `/sequences` */
export function sequenceRoutes(services: CrudServices): readonly Route[] {
  return crudRoutes(
    {
      kind: 'sequence',
      drops: 'sequence',
      path: '/sequences',
      one: 'Sequence',
      many: 'Sequences',
      hasSchema: true,
      item,
      create: {
        body,
        example: { name: 'invoice_numbers', start: 1000 },
        async run(caller, sequence, profile) {
          const name = { schema: sequence.schema ?? profile, name: sequence.name };
          await services.tables.createSequence(caller, { ...sequence, ...name });
          return name;
        },
      },
    },
    services,
  );
}
