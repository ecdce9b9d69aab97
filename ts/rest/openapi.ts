// OpenAPI 3.1 from the routes: what validates a request is what describes it.
import { z } from 'zod';
import { errorSchema } from './error-schema.ts';
import type { AnswerShape, Method, Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}

/** Parameters of any name: an object whose members are parameters of their own. */
const filters: Json = {
  name: 'filters',
  in: 'query',
  description: 'Filters, `column=operator.value`: `age=gte.30`',
  style: 'form',
  explode: true,
  schema: {
    type: 'object',
    additionalProperties: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    },
  },
};

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | { readonly type?: string };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return [];
  const object: ObjectSchema = schemaOf(schema, 'input');
  const { properties = {}, required = [], additionalProperties: others } = object;
  const named = Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
  return typeof others === 'object' && others.type === 'string' ? [...named, filters] : named;
}

const headersOf = ({ headers = {} }: Route): readonly Json[] =>
  Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));

function bodyOf({ bodySchema, bodyExample, streamsBody }: Route): Json | undefined {
  if (streamsBody !== undefined) {
    const binary = { schema: { type: 'string', format: 'binary' } };
    return { required: true, content: Object.fromEntries(streamsBody.map((t) => [t, binary])) };
  }
  if (bodySchema === undefined) return undefined;
  const example = bodyExample === undefined ? {} : { example: bodyExample };
  const json = { schema: schemaOf(bodySchema, 'input'), ...example };
  return { required: true, content: { 'application/json': json } };
}

/** Of a representation beside `application/json`. */
const otherSchema = (type: string): Json =>
  type.endsWith('+json') ? { type: 'object', additionalProperties: true } : { type: 'string' };

/** What a client that has an answer already hears of any GET whose answer is JSON. */
const UNCHANGED: AnswerShape = {
  description: 'What has the `ETag` of `If-None-Match` still stands',
};

function answersOf({ method, answers }: Route): Json {
  const hasTag = method === 'get' && answers[200]?.schema !== undefined;
  const all = hasTag ? { ...answers, 304: UNCHANGED } : answers;
  const described = Object.entries(all).map(([status, shape]) => {
    const { description, schema, contentTypes = [] } = shape;
    const json =
      schema === undefined ? [] : [['application/json', { schema: schemaOf(schema, 'output') }]];
    const others = contentTypes.map((type) => [type, { schema: otherSchema(type) }]);
    const content = Object.fromEntries([...json, ...others]);
    return [status, { description, ...(json.length + others.length === 0 ? {} : { content }) }];
  });
  const failure = {
    description: 'What failed, in the one error shape',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  return { ...Object.fromEntries(described), default: failure };
}

function operationOf(route: Route): Json {
  const { id, group, summary, description, permission } = route;
  const requestBody = bodyOf(route);
  return {
    operationId: id,
    tags: [group],
    summary,
    description: `${description === undefined ? '' : `${description}\n\n`}Permission: \`${permission}\`.`,
    parameters: [
      ...parametersOf(route.pathSchema, 'path'),
      ...parametersOf(route.querySchema, 'query'),
      ...headersOf(route),
    ],
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: answersOf(route),
  };
}

/** The OpenAPI 3.1 document of the routes. */
export function openApi(routes: readonly Route[], version: string): Json {
  const byPath = Object.groupBy(routes, ({ path }) => path);
  const paths = Object.entries(byPath).map(([path, group = []]) => {
    const operations = group.map((route): [Method, Json] => [route.method, operationOf(route)]);
    return [path, Object.fromEntries(operations)];
  });
  const groups = Object.keys(Object.groupBy(routes, ({ group }) => group));
  return {
    openapi: '3.1.0',
    info: {
      title: 'RustyDB',
      version,
      description: 'SQL and tables over HTTP.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    tags: groups.map((name) => ({ name })),
    paths: Object.fromEntries(paths),
    components: { schemas: { Error: schemaOf(errorSchema, 'output') } },
  };
}
