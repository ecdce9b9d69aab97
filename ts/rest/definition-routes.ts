// The routes of things that are known by an id and written down whole: list, get, make, change, drop.
import { z } from 'zod';
import { RustyError } from '../errors/index.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from './page.ts';
import { type Route, route } from './route.ts';

interface Definition {
  readonly id: string;
}

/** One kind of them. `Written` is what clients send, `Shown` what they get. */
export interface DefinitionKind<Written extends Definition, Shown extends Definition> {
  readonly group: string;
  /** Under `/api/v1`: `/gateway/quotas`. */
  readonly path: string;
  /** For `operationId`: `Quota`, `Quotas`. */
  readonly one: string;
  readonly many: string;
  /** As sentences have it: `quota`, `quotas`. */
  readonly noun: string;
  readonly nouns: string;
  /** What a principal needs has this before its colon. */
  readonly permission: string;
  readonly written: z.ZodObject;
  readonly shown: z.ZodType;
  readonly example: Written;
  readonly pages: PageSizes;
  list(): readonly Shown[];
  create(definition: Written): Promise<void>;
  replace(definition: Written): Promise<void>;
  drop(id: string): Promise<void>;
  /** Single ones have no GET. */
  readonly without?: 'get';
}

const pathSchema = z.strictObject({ id: z.string() });

type AnyKind = DefinitionKind<Definition, Definition>;

function found({ list, noun }: AnyKind, id: string): Definition {
  const definition = list().find((one) => one.id === id);
  if (definition === undefined) throw RustyError.of('NOT_FOUND', { what: `${noun} "${id}"` });
  return definition;
}

function readRoutes(kind: AnyKind): readonly Route[] {
  const { group, path, many, one, noun, nouns, permission, pages, shown } = kind;
  const lists = route({
    method: 'get',
    path,
    id: `list${many}`,
    group,
    summary: `The ${nouns}, by id`,
    permission: `${permission}:read`,
    querySchema: pageQuery(pages),
    answers: { 200: { description: 'A page of them', schema: pageShape(shown) } },
    handle(request, reply) {
      reply.json(pageOf(kind.list(), request.query, { placeOf: ({ id }) => id }));
    },
  });
  if (kind.without === 'get') return [lists];
  const gets = route({
    method: 'get',
    path: `${path}/{id}`,
    id: `get${one}`,
    group,
    summary: `One ${noun}`,
    permission: `${permission}:read`,
    pathSchema,
    answers: { 200: { description: 'What it says', schema: shown } },
    handle(request, reply) {
      reply.json(found(kind, request.path.id));
    },
  });
  return [lists, gets];
}

function replaceRoute(kind: AnyKind): Route {
  const { group, path, one, noun, permission, written, shown, example } = kind;
  const { id: _, ...body } = example;
  return route({
    method: 'put',
    path: `${path}/{id}`,
    id: `replace${one}`,
    group,
    summary: `Change a ${noun}; it is in force at once`,
    permission: `${permission}:write`,
    pathSchema,
    bodySchema: written.partial({ id: true }),
    bodyExample: body,
    answers: { 200: { description: 'What it says now', schema: shown } },
    async handle(request, reply) {
      const { id } = request.path;
      const given = request.body as Partial<Definition>;
      if (given.id !== undefined && given.id !== id) {
        throw RustyError.of('VALIDATION_ERROR', { what: `body: id: "${id}" has no other id` });
      }
      found(kind, id);
      await kind.replace({ ...given, id });
      reply.json(found(kind, id));
    },
  });
}

/** The routes of a kind. */
export function definitionRoutes<Written extends Definition, Shown extends Definition>(
  typed: DefinitionKind<Written, Shown>,
): readonly Route[] {
  const kind = typed as unknown as AnyKind;
  const { group, path, one, noun, permission, written, shown, example } = kind;
  const creates = route({
    method: 'post',
    path,
    id: `create${one}`,
    group,
    summary: `Make a ${noun}; it is in force at once`,
    permission: `${permission}:write`,
    bodySchema: written,
    bodyExample: example,
    answers: { 201: { description: 'It was made', schema: shown } },
    async handle(request, reply) {
      const definition = request.body as unknown as Definition;
      await kind.create(definition);
      reply.header('Location', `/api/v1${path}/${encodeURIComponent(definition.id)}`);
      reply.json(found(kind, definition.id), 201);
    },
  });
  const drops = route({
    method: 'delete',
    path: `${path}/{id}`,
    id: `delete${one}`,
    group,
    summary: `Drop a ${noun}`,
    permission: `${permission}:write`,
    pathSchema,
    answers: { 204: { description: 'It is gone' } },
    async handle(request, reply) {
      const { id } = request.path;
      found(kind, id);
      await kind.drop(id);
      reply.empty();
    },
  });
  return [...readRoutes(kind), creates, replaceRoute(kind), drops];
}
