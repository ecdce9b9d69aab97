// `/tables`: what tables there are, what they are like; making, changing and dropping them.
import { z } from 'zod';
import { RustyError } from '../../errors/index.ts';
import { REFERENCE_ACTIONS } from '../../services/tables/definitions.ts';
import { type CrudServices, callerOf, crudRoutes, namePath, schemaQuery } from '../crud.ts';
import { relationOf } from '../relation-name.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Core database';
const name = z.string().min(1);

const defaultValue = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .meta({ description: "Text is an expression of SQL: `now()`, `'new'`" });

const reference = z.union([
  z.string().meta({ description: '`customers(id)`' }),
  z.strictObject({
    table: name,
    schema: name.optional(),
    column: name.optional(),
    onDelete: z.enum(REFERENCE_ACTIONS).optional(),
    onUpdate: z.enum(REFERENCE_ACTIONS).optional(),
  }),
]);

const column = z.strictObject({
  name,
  type: name.meta({ description: '`numeric(10,2)`' }),
  primaryKey: z.boolean().optional().meta({ description: 'Of several columns: one key of all' }),
  nullable: z.boolean().optional(),
  unique: z.boolean().optional(),
  default: defaultValue.optional(),
  identity: z.enum(['always', 'by default']).optional(),
  generated: z.string().optional().meta({ description: 'Computed from other columns' }),
  references: reference.optional(),
});

const index = z.strictObject({
  name: name.optional(),
  columns: z.array(name).min(1),
  unique: z.boolean().optional(),
});

const check = z.union([
  z.string().min(1).meta({ description: '`amount >= 0`' }),
  z.strictObject({ name: name.optional(), expression: z.string().min(1) }),
]);

const definition = {
  schema: name.optional(),
  columns: z.array(column).max(1600),
  indexes: z.array(index).default([]),
  checks: z.array(check).default([]),
};
const newTable = z.strictObject({ name, ...definition });
const namedTable = z.strictObject({ name: name.optional(), ...definition });

const EXAMPLE = {
  name: 'people',
  columns: [
    { name: 'id', type: 'bigint', primaryKey: true, identity: 'by default' },
    { name: 'name', type: 'text', nullable: false },
    { name: 'since', type: 'timestamptz', default: 'now()' },
  ],
  checks: ["name <> ''"],
};

const change = z.strictObject({
  drop: z.array(name).default([]),
  alter: z
    .array(
      z.strictObject({
        name,
        type: name.optional(),
        using: z.string().min(1).optional(),
        nullable: z.boolean().optional(),
        default: defaultValue.optional().meta({ description: 'null takes it away' }),
      }),
    )
    .default([]),
  add: z.array(column).default([]),
  rename: z.array(z.strictObject({ from: name, to: name })).default([]),
});

const names = z.array(z.string());
const described = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['table', 'partitioned table', 'view', 'materialized view']),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      default: z.string().nullable(),
      primaryKey: z.boolean(),
      identity: z.enum(['always', 'by default']).nullable(),
      generated: z.boolean(),
    }),
  ),
  primaryKey: names,
  constraints: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['primary', 'unique', 'check', 'foreign']),
      columns: names,
      definition: z.string(),
      target: z.object({ schema: z.string(), table: z.string(), columns: names }).optional(),
    }),
  ),
  indexes: z.array(
    z.object({
      name: z.string(),
      unique: z.boolean(),
      primary: z.boolean(),
      valid: z.boolean(),
      columns: names,
      definition: z.string(),
    }),
  ),
  rowEstimate: z.number().nullable(),
  bytes: z.number(),
});

const item = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.string(),
  rowEstimate: z.number().nullable(),
  bytes: z.number(),
});

function createNamed({ tables, catalog }: CrudServices): Route {
  return route({
    method: 'post',
    path: '/tables/{name}',
    id: 'createNamedTable',
    group: GROUP,
    summary: 'Make a table of this name',
    permission: 'table:create',
    pathSchema: namePath,
    bodySchema: namedTable,
    bodyExample: { columns: EXAMPLE.columns },
    answers: { 201: { description: 'It was made', schema: described } },
    async handle(request, reply) {
      const { body, path, headers } = request;
      const target = relationOf(path.name, headers, 'content-profile', body.schema);
      if (body.name !== undefined && body.name !== target.name) {
        throw RustyError.of('VALIDATION_ERROR', { what: 'body: name: the path has another one' });
      }
      await tables.createTable(callerOf(request), { ...body, ...target });
      const place = encodeURIComponent(`${target.schema}.${target.name}`);
      reply.header('Location', `/api/v1/tables/${place}`);
      reply.json(await catalog.describe(callerOf(request), target), 201);
    },
  });
}

function changeTable({ tables, catalog }: CrudServices): Route {
  return route({
    method: 'put',
    path: '/tables/{name}',
    id: 'changeTable',
    group: GROUP,
    summary: 'Drop, alter, add and rename columns, in this order, all or none',
    permission: 'table:alter',
    pathSchema: namePath,
    querySchema: schemaQuery,
    bodySchema: change,
    bodyExample: { add: [{ name: 'email', type: 'text' }] },
    answers: { 200: { description: 'As it is now', schema: described } },
    async handle(request, reply) {
      const { body, path, query, headers } = request;
      const target = relationOf(path.name, headers, 'content-profile', query.schema);
      await tables.changeTable(callerOf(request), target, body);
      reply.json(await catalog.describe(callerOf(request), target));
    },
  });
}

export function tableRoutes(services: CrudServices): readonly Route[] {
  const { catalog, tables } = services;
  const crud = crudRoutes(
    {
      kind: 'table',
      drops: 'table',
      path: '/tables',
      one: 'Table',
      many: 'Tables',
      hasSchema: true,
      item,
      whole: { item: described, describe: (caller, target) => catalog.describe(caller, target) },
      create: {
        body: newTable,
        example: EXAMPLE,
        async run(caller, table, profile) {
          const target = { schema: table.schema ?? profile, name: table.name };
          await tables.createTable(caller, { ...table, ...target });
          return target;
        },
      },
    },
    services,
  );
  return [...crud, createNamed(services), changeTable(services)];
}
