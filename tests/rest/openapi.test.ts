// The document that describes the API, against the API: it is valid, and every operation in it is
// called once with its own example and answers what the document says.
import { Validator } from '@seriousme/openapi-schema-validator';
import test from 'ava';
import { type RestRequest, type RestServer, startRestServer } from '../support/rest-client.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly schema: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Call {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

let rest: RestServer;
let calls: readonly Call[];

test.before(async () => {
  rest = await startRestServer();
  const { body } = await rest.request('/openapi.json');
  calls = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        id: operation.operationId,
        method,
        path,
        operation,
      })),
  );
  await rest.sql(
    'CREATE TABLE people (id bigint PRIMARY KEY, name text)',
    "INSERT INTO people VALUES (3, 'Cid'), (4, 'Dan')",
    'CREATE TABLE old (id int)',
    'CREATE VIEW old_view AS SELECT 1 AS one',
    'CREATE MATERIALIZED VIEW old_copy AS SELECT 1 AS one',
    'CREATE INDEX old_index ON people (name)',
    'CREATE SEQUENCE old_sequence',
    'CREATE SCHEMA old_schema',
  );
  await rest.request('/network/circuit-breakers/old_breaker', { method: 'PUT', body: {} });
});

test.after.always(() => rest?.stop());

/** What stands in the braces of a path, by operation; else `people`, row 3. */
const NAMES: Readonly<Record<string, string>> = {
  createNamedTable: 'named',
  createSchema: 'new_schema',
  getSchema: 'public',
  getDatabase: 'rustydb',
  deleteTable: 'old',
  deleteSchema: 'old_schema',
  getView: 'old_view',
  deleteView: 'old_view',
  getMaterializedView: 'old_copy',
  deleteMaterializedView: 'old_copy',
  refreshMaterializedView: 'old_copy',
  getIndex: 'old_index',
  deleteIndex: 'old_index',
  getSequence: 'old_sequence',
  deleteSequence: 'old_sequence',
  deleteRow: '4',
  getConfigVersion: '1',
  getDashboard: 'system-overview',
  deleteAlertRule: 'many-errors',
  getPoolPartition: 'default',
  getPoolPartitionStats: 'default',
  changePoolPartition: 'reports',
  deletePoolPartition: 'reports',
  getPoolConnection: '0',
  closePoolConnection: '0',
  // Of the configuration; the others are made by their examples.
  getRateLimit: 'api',
  replaceRateLimit: 'writers',
  deleteRateLimit: 'writers',
  replaceQuota: 'daily',
  deleteQuota: 'daily',
  setCircuitBreaker: 'old_breaker',
  getCircuitBreaker: 'old_breaker',
  getCircuitBreakerHistory: 'old_breaker',
  resetCircuitBreaker: 'old_breaker',
  testCircuitBreaker: 'old_breaker',
};

/** Ends the server, after all others. */
const LAST = 'shutdown';

/** Operations whose call without more is refused, as it should be. */
const REFUSED: Readonly<Record<string, number>> = {
  // There is no such statement.
  cancelQuery: 404,
  // No alert of that id.
  acknowledgeAlert: 404,
  // Nor such a job.
  getJob: 404,
  cancelJob: 404,
  // Nor such a connection or filter.
  getNetworkConnection: 404,
  closeNetworkConnection: 404,
  // No session runs there.
  closePoolConnection: 409,
  getFilter: 404,
  deleteFilter: 404,
};

function pathOf({ id, path }: Call): string {
  const name = NAMES[id];
  return path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    if (parameter === 'pk') return name ?? '3';
    if (parameter === 'id' && path.startsWith('/pools/')) return 'default';
    return path.includes('{pk}') ? 'people' : (name ?? 'people');
  });
}

function requestOf({ id, method, operation }: Call): RestRequest {
  const [[type, { example }] = ['', {}]] = Object.entries(operation.requestBody?.content ?? {});
  const body = id === 'createTable' ? { ...(example as object), name: 'created' } : example;
  const bytes = type === 'text/csv' ? 'id,name\n9,Ida\n' : body;
  return {
    method: method.toUpperCase(),
    ...(type === '' ? {} : { headers: { 'content-type': type } }),
    ...(bytes === undefined ? {} : { body: bytes }),
  };
}

test.serial('the document is valid OpenAPI 3.1', async (t) => {
  const { body } = await rest.request('/openapi.json');
  const { valid, errors } = await new Validator().validate(body);
  t.true(valid, JSON.stringify(errors));
  t.is(body.openapi, '3.1.0');
});

test.serial('operations are told apart and described', (t) => {
  const ids = calls.map(({ id }) => id);
  t.is(new Set(ids).size, ids.length);
  for (const { id, operation, path } of calls) {
    t.truthy(operation.summary, id);
    t.is(operation.tags.length, 1, id);
    const named = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    t.deepEqual(named, inPath as string[], `${id}: the parameters of ${path}`);
  }
});

test.serial('bodies in JSON have examples', (t) => {
  for (const { id, operation } of calls) {
    const json = operation.requestBody?.content['application/json'];
    t.true(json === undefined || json.example !== undefined, id);
  }
});

test.serial('a path that has other methods says which', async (t) => {
  const answer = await rest.request('/tables', { method: 'DELETE' });
  t.is(answer.status, 405);
  t.deepEqual((answer.headers.get('allow') ?? '').split(', ').toSorted(), ['GET', 'POST']);
});

test.serial('what the contract names and is not built is not in the document', async (t) => {
  for (const path of ['/transactions', '/functions', '/procedures']) {
    t.false(calls.some((call) => call.path.startsWith(path)));
    t.is((await rest.request(path)).status, 501, path);
  }
  t.is((await rest.request('/indexes/i/rebuild', { method: 'POST' })).status, 501);
  t.is((await rest.request('/nothing')).status, 404);
});

test.serial('every operation answers as the document says', async (t) => {
  t.true(calls.length > 30);
  // What deletes comes last, so that the others find what they need.
  const order = ['get', 'post', 'put', 'patch', 'delete'];
  const sorted = calls.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
  // The rows of the example would all have one name.
  const late = ['deleteRows', 'updateRows', LAST];
  const all = sorted.filter(({ id }) => !late.includes(id));
  const last = late.flatMap((id) => sorted.filter((call) => call.id === id));
  for (const call of [...all, ...last]) {
    const path = pathOf(call);
    const answer = await rest.request(path, requestOf(call));
    const expected = REFUSED[call.id];
    const what = `${call.method} ${path} (${call.id}): ${answer.status} ${answer.text.slice(0, 300)}`;
    if (expected === undefined) t.true(String(answer.status) in call.operation.responses, what);
    else t.is(answer.status, expected, what);
  }
});
