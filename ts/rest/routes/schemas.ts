// `/schemas`, and `/schema` with what is in one.
import { z } from 'zod';
import type { CatalogService } from '../../services/catalog/catalog-service.ts';
import type { ObjectKind } from '../../services/catalog/object-kinds.ts';
import type { Caller } from '../../services/catalog/statement-runner.ts';
import { type CrudServices, callerOf, crudRoutes, namePath } from '../crud.ts';
import { DEFAULT_SCHEMA } from '../relation-name.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Core database';
/** The names of a kind that one answer lists. */
const NAMES_MAX = 10_000;

const item = z.object({ name: z.string(), owner: z.string() });

const names = z.array(z.string());
const contents = item.extend({
  tables: names,
  views: names,
  indexes: names,
  sequences: names,
  truncated: z
    .boolean()
    .optional()
    .meta({ description: `A list has its first ${NAMES_MAX} only` }),
});

/** A schema with the names of what is in it. */
async function describe(catalog: CatalogService, caller: Caller, name: string): Promise<object> {
  const { owner } = await catalog.get(caller, 'schema', { schema: '', name });
  let isTruncated = false;
  const namesOf = async (kind: ObjectKind): Promise<readonly string[]> => {
    const page = { schema: name, limit: NAMES_MAX, offset: 0 };
    const { items, hasMore } = await catalog.list(caller, kind, page);
    isTruncated ||= hasMore;
    return items.map((one) => one.name);
  };
  const found = {
    tables: await namesOf('table'),
    views: await namesOf('view'),
    indexes: await namesOf('index'),
    sequences: await namesOf('sequence'),
  };
  return { name, owner, ...found, ...(isTruncated ? { truncated: true } : {}) };
}

export function schemaRoutes(services: CrudServices): readonly Route[] {
  const { catalog, tables } = services;
  const crud = crudRoutes(
    {
      kind: 'schema',
      drops: 'schema',
      path: '/schemas',
      one: 'Schema',
      many: 'Schemas',
      hasSchema: false,
      item,
      without: 'get',
    },
    services,
  );
  return [
    ...crud,
    route({
      method: 'post',
      path: '/schemas/{name}',
      id: 'createSchema',
      group: GROUP,
      summary: 'Make a schema',
      permission: 'schema:create',
      pathSchema: namePath,
      answers: { 201: { description: 'It was made', schema: contents } },
      async handle(request, reply) {
        const { name } = request.path;
        await tables.createSchema(callerOf(request), name);
        reply.header('Location', `/api/v1/schema/${encodeURIComponent(name)}`);
        reply.json(await describe(catalog, callerOf(request), name), 201);
      },
    }),
    route({
      method: 'get',
      path: '/schema',
      id: 'getDefaultSchema',
      group: GROUP,
      summary: `The schema of names without one, ${DEFAULT_SCHEMA}, and what is in it`,
      permission: 'schema:read',
      answers: { 200: { description: 'The names, by kind', schema: contents } },
      async handle(request, reply) {
        reply.json(await describe(catalog, callerOf(request), DEFAULT_SCHEMA));
      },
    }),
    route({
      method: 'get',
      path: '/schema/{name}',
      id: 'getSchema',
      group: GROUP,
      summary: 'A schema and what is in it',
      permission: 'schema:read',
      pathSchema: namePath,
      answers: { 200: { description: 'The names, by kind', schema: contents } },
      async handle(request, reply) {
        reply.json(await describe(catalog, callerOf(request), request.path.name));
      },
    }),
  ];
}
