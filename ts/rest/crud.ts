// The routes that every kind of catalog object has: list, get, create, delete. A kind says what it
// is called, what its objects look like and who makes them.
import { z } from 'zod';
import type { CatalogObject, CatalogService } from '../services/catalog/catalog-service.ts';
import type { DroppedKind, ObjectKind } from '../services/catalog/object-kinds.ts';
import type { RelationName } from '../services/catalog/relation.ts';
import type { Caller } from '../services/catalog/statement-runner.ts';
import type { TableService } from '../services/tables/table-service.ts';
import { type PageSizes, pageQuery, pageShape, readCursor, writeCursor } from './page.ts';
import { relationOf } from './relation-name.ts';
import type { Reply } from './reply.ts';
import { type Route, type RouteRequest, route } from './route.ts';

const GROUP = 'Core database';

export interface CrudServices {
  readonly catalog: CatalogService;
  readonly tables: TableService;
  readonly pages: PageSizes;
}

/** One kind of objects. */
export interface Crud<Body extends z.ZodType> {
  readonly kind: ObjectKind;
  /** The kind as DROP knows it; without it objects cannot be dropped. */
  readonly drops?: DroppedKind;
  /** Under `/api/v1`: `/views`. */
  readonly path: string;
  /** For `operationId`: `View`, `Views`. */
  readonly one: string;
  readonly many: string;
  /** Whether names have a schema before them. */
  readonly hasSchema: boolean;
  /** An object of a list. */
  readonly item: z.ZodType;
  /** What one by its name answers, where it is more than the list has. */
  readonly whole?: {
    readonly item: z.ZodType;
    describe(caller: Caller, name: RelationName): Promise<object>;
  };
  /** Makes one; answers its name. */
  readonly create?: {
    readonly body: Body;
    readonly example: unknown;
    run(caller: Caller, body: z.output<Body>, schema: string): Promise<RelationName>;
  };
  /** The routes are made, but this one the kind makes itself. */
  readonly without?: 'get';
}

type AnyRequest = RouteRequest<unknown, unknown, unknown>;

interface Schema {
  readonly schema?: string | undefined;
}

export const callerOf = ({ context, signal }: AnyRequest): Caller => ({
  user: context.principal?.user ?? '',
  signal,
  ...(context.trace && { trace: context.trace }),
});

const flag = (description: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .meta({ description });

export const dropQuery = z.strictObject({
  cascade: flag('What depends on it goes too'),
  ifExists: flag('It need not be there'),
  schema: z.string().optional(),
});

export const namePath = z.strictObject({
  name: z.string().meta({ description: '`schema.name`, or the name alone' }),
});

export const schemaQuery = z.strictObject({ schema: z.string().optional() });

/** The place behind an object. */
const cursorOf = ({ schema, name }: CatalogObject): string => writeCursor([schema, name]);

const cursorShape = z.tuple([z.string(), z.string()]);

function placeOf(cursor: string): RelationName {
  const [schema, name] = readCursor(cursor, cursorShape);
  return { schema, name };
}

const headerOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' ? header : undefined;

/** What a path names; objects without a schema have an empty one. */
function nameOf(
  crud: { readonly hasSchema: boolean },
  { headers, path, query }: AnyRequest,
  profile: 'accept-profile' | 'content-profile',
): RelationName {
  const { name } = path as { name: string };
  const { schema } = query as { schema?: string };
  return crud.hasSchema ? relationOf(name, headers, profile, schema) : { schema: '', name };
}

const permissionFor = ({ kind }: { readonly kind: ObjectKind }, action: string): string =>
  `${kind.replaceAll(' ', '-')}:${action}`;

const plural = ({ path }: { readonly path: string }): string => path.slice(1).replaceAll('-', ' ');

function listRoute<Body extends z.ZodType>(crud: Crud<Body>, services: CrudServices): Route {
  const schema = z.string().optional().meta({ description: 'Only of this schema' });
  const paged = pageQuery(services.pages);
  const querySchema = crud.hasSchema ? paged.extend({ schema }) : paged;
  return route({
    method: 'get',
    path: crud.path,
    id: `list${crud.many}`,
    group: GROUP,
    summary: `The ${plural(crud)}, by schema and name`,
    permission: permissionFor(crud, 'read'),
    querySchema,
    answers: {
      200: {
        description: 'A page of them',
        schema: pageShape(crud.item),
      },
    },
    async handle(request, reply) {
      const { limit, offset, cursor } = request.query;
      const { schema = headerOf(request.headers['accept-profile']) } = request.query as Schema;
      const of = crud.hasSchema ? schema : undefined;
      const page = await services.catalog.list(callerOf(request), crud.kind, {
        limit,
        offset,
        ...(of === undefined ? {} : { schema: of }),
        ...(cursor === undefined ? {} : { after: placeOf(cursor) }),
      });
      const last = page.items.at(-1);
      reply.json({
        items: page.items.map((item) => shown(crud, item)),
        total: page.total,
        ...(page.hasMore && last !== undefined ? { nextCursor: cursorOf(last) } : {}),
      });
    },
  });
}

function shown({ hasSchema }: { readonly hasSchema: boolean }, object: object): object {
  if (hasSchema) return object;
  const { schema: _, ...rest } = object as CatalogObject;
  return rest;
}

/** One object, as GET answers it. */
async function answerOne<Body extends z.ZodType>(
  crud: Crud<Body>,
  { catalog }: CrudServices,
  caller: Caller,
  name: RelationName,
): Promise<object> {
  if (crud.whole !== undefined) return crud.whole.describe(caller, name);
  return shown(crud, await catalog.get(caller, crud.kind, name));
}

function getRoute<Body extends z.ZodType>(crud: Crud<Body>, services: CrudServices): Route {
  return route({
    method: 'get',
    path: `${crud.path}/{name}`,
    id: `get${crud.one}`,
    group: GROUP,
    summary: `One of the ${plural(crud)}`,
    permission: permissionFor(crud, 'read'),
    pathSchema: namePath,
    querySchema: schemaQuery,
    answers: { 200: { description: 'What it is', schema: crud.whole?.item ?? crud.item } },
    async handle(request, reply) {
      const name = nameOf(crud, request, 'accept-profile');
      reply.json(await answerOne(crud, services, callerOf(request), name));
    },
  });
}

/** Says where the new object is, and what it is. */
async function answerCreated<Body extends z.ZodType>(
  crud: Crud<Body>,
  services: CrudServices,
  request: AnyRequest,
  body: z.output<Body>,
  reply: Reply,
): Promise<void> {
  const caller = callerOf(request);
  const schema = headerOf(request.headers['content-profile']) ?? 'public';
  const name = await crud.create?.run(caller, body, schema);
  if (name === undefined) return;
  const place = crud.hasSchema ? `${name.schema}.${name.name}` : name.name;
  reply.header('Location', `/api/v1${crud.path}/${encodeURIComponent(place)}`);
  reply.json(await answerOne(crud, services, caller, name), 201);
}

function createRoutes<Body extends z.ZodType>(
  crud: Crud<Body>,
  services: CrudServices,
): readonly Route[] {
  const { create } = crud;
  if (create === undefined) return [];
  return [
    route({
      method: 'post',
      path: crud.path,
      id: `create${crud.one}`,
      group: GROUP,
      summary: `Make one of the ${plural(crud)}`,
      permission: permissionFor(crud, 'create'),
      bodySchema: create.body,
      bodyExample: create.example,
      answers: { 201: { description: 'It was made', schema: crud.whole?.item ?? crud.item } },
      handle: (request, reply) => answerCreated(crud, services, request, request.body, reply),
    }),
  ];
}

function deleteRoutes<Body extends z.ZodType>(
  crud: Crud<Body>,
  services: CrudServices,
): readonly Route[] {
  const { drops } = crud;
  if (drops === undefined) return [];
  const deletes = route({
    method: 'delete',
    path: `${crud.path}/{name}`,
    id: `delete${crud.one}`,
    group: GROUP,
    summary: `Drop one of the ${plural(crud)}`,
    permission: permissionFor(crud, 'drop'),
    pathSchema: namePath,
    querySchema: dropQuery,
    answers: { 204: { description: 'It is gone' } },
    async handle(request, reply) {
      const name = nameOf(crud, request, 'content-profile');
      const { cascade, ifExists } = request.query;
      const options = { cascade, ifExists };
      await services.tables.drop(callerOf(request), drops, name, options);
      reply.empty();
    },
  });
  return [deletes];
}

/** The routes of a kind. */
export function crudRoutes<Body extends z.ZodType>(
  crud: Crud<Body>,
  services: CrudServices,
): readonly Route[] {
  return [
    listRoute(crud, services),
    ...(crud.without === 'get' ? [] : [getRoute(crud, services)]),
    ...createRoutes(crud, services),
    ...deleteRoutes(crud, services),
  ];
}
