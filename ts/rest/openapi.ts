// OpenAPI 3.1 from the routes: what validates a request is what describes it.
import { z } from 'zod';
import { ERROR_CODES } from '../errors/index.ts';
import type { Method, Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const errorSchema = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_CODES) as [string, ...string[]]),
    message: z.string(),
    sqlstate: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    hint: z.string().optional(),
    position: z.int().optional(),
    requestId: z.string(),
    retryAfterMs: z.number().optional(),
  }),
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

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

function answersOf({ answers }: Route): Json {
  const described = Object.entries(answers).map(([status, shape]) => {
    const { description, schema, contentTypes = [] } = shape;
    const json =
      schema === undefined ? [] : [['application/json', { schema: schemaOf(schema, 'output') }]];
    const others = contentTypes.map((type) => [type, { schema: { type: 'string' } }]);
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
