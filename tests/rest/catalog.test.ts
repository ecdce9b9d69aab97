// Tables, schemas, views, indexes and sequences: listing, making, changing, dropping.
import test from 'ava';
import { assertFails, type RestServer, startRestServer } from '../support/rest-client.ts';

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer();
});

test.after.always(() => rest?.stop());

const post = (path: string, body?: unknown) =>
  rest.request(path, { method: 'POST', ...(body === undefined ? {} : { body }) });
const put = (path: string, body: unknown) => rest.request(path, { method: 'PUT', body });
const drop = (path: string) => rest.request(path, { method: 'DELETE' });

const CUSTOMERS = {
  name: 'customers',
  columns: [
    { name: 'id', type: 'integer', primaryKey: true },
    { name: 'eMail "x"', type: 'varchar(80)', nullable: false, unique: true },
    { name: 'since', type: 'timestamptz', default: 'now()' },
    { name: 'points', type: 'numeric(10,2)', default: 0 },
  ],
  indexes: [{ name: 'customers_since', columns: ['since'] }],
  checks: [{ name: 'points_positive', expression: 'points >= 0' }],
};

test.serial('a table is made with its columns, indexes and constraints', async (t) => {
  const made = await post('/tables', CUSTOMERS);
  t.is(made.status, 201, made.text);
  t.is(made.headers.get('location'), '/api/v1/tables/public.customers');
  const { body } = await rest.request('/tables/customers');
  t.deepEqual(made.body, body);
  t.deepEqual(body.primaryKey, ['id']);
  t.deepEqual(
    body.columns.map(({ name, type, nullable, primaryKey }: Record<string, unknown>) => [
      name,
      type,
      nullable,
      primaryKey,
    ]),
    [
      ['id', 'integer', false, true],
      ['eMail "x"', 'character varying(80)', false, false],
      ['since', 'timestamp with time zone', true, false],
      ['points', 'numeric(10,2)', true, false],
    ],
  );
  t.deepEqual(
    body.columns.map((column: { default: unknown }) => column.default),
    [null, null, 'now()', '0'],
  );
  t.deepEqual(
    body.constraints.map(({ name, kind, columns }: Record<string, unknown>) => [
      name,
      kind,
      columns,
    ]),
    [
      ['customers_pkey', 'primary', ['id']],
      ['customers_eMail "x"_key', 'unique', ['eMail "x"']],
      ['points_positive', 'check', ['points']],
    ],
  );
  t.true(
    body.indexes.some(
      (index: { name: string; unique: boolean; columns: string[] }) =>
        index.name === 'customers_since' && !index.unique && index.columns[0] === 'since',
    ),
  );
  t.is(body.kind, 'table');
  t.is(body.rowEstimate, null);
  t.true(body.bytes > 0);
});

test.serial('references, composite keys, identity and generated columns', async (t) => {
  const made = await post('/tables/lines', {
    columns: [
      { name: 'customer', type: 'int', primaryKey: true, references: 'customers(id)' },
      { name: 'no', type: 'int', primaryKey: true },
      { name: 'seq', type: 'bigint', identity: 'always' },
      { name: 'twice', type: 'int', generated: 'no * 2' },
      {
        name: 'payer',
        type: 'int',
        references: { table: 'customers', column: 'id', onDelete: 'set null' },
      },
    ],
  });
  t.is(made.status, 201, made.text);
  t.deepEqual(made.body.primaryKey, ['customer', 'no']);
  const columns = Object.fromEntries(
    made.body.columns.map((column: { name: string }) => [column.name, column]),
  );
  t.is(columns.seq.identity, 'always');
  t.true(columns.twice.generated);
  const foreign = made.body.constraints.filter(({ kind }: { kind: string }) => kind === 'foreign');
  t.deepEqual(
    foreign.map(({ columns, target }: Record<string, unknown>) => ({ columns, target })),
    [
      { columns: ['customer'], target: { schema: 'public', table: 'customers', columns: ['id'] } },
      { columns: ['payer'], target: { schema: 'public', table: 'customers', columns: ['id'] } },
    ],
  );
  t.regex(foreign[1].definition, /ON DELETE SET NULL/);
});

test.serial('columns are dropped, altered, added and renamed, all or none', async (t) => {
  await rest.sql('CREATE TABLE changing (id int PRIMARY KEY, a int, b text)');
  const changed = await put('/tables/changing', {
    drop: ['a'],
    alter: [{ name: 'b', nullable: false, default: "'new'" }],
    add: [{ name: 'c', type: 'numeric(6,1)', default: 1.5 }],
    rename: [{ from: 'b', to: 'B 2' }],
  });
  t.is(changed.status, 200, changed.text);
  t.deepEqual(
    changed.body.columns.map(({ name, type, nullable }: Record<string, unknown>) => [
      name,
      type,
      nullable,
    ]),
    [
      ['id', 'integer', false],
      ['B 2', 'text', false],
      ['c', 'numeric(6,1)', true],
    ],
  );
  const failed = await put('/tables/changing', {
    add: [{ name: 'd', type: 'int' }],
    drop: ['nothing'],
  });
  assertFails(t, failed, 400, 'UNDEFINED_OBJECT');
  const { body } = await rest.request('/tables/changing');
  t.is(body.columns.length, 3);
  assertFails(t, await put('/tables/nowhere', { drop: ['x'] }), 404, 'NOT_FOUND');
});

test.serial('what is read again is not sent again', async (t) => {
  const first = await rest.request('/tables/customers');
  const etag = first.headers.get('etag');
  t.truthy(etag);
  // Without the second, fetch would ask for no answer from a cache.
  const headers = { 'if-none-match': etag ?? '', 'cache-control': 'max-age=0' };
  t.is((await rest.request('/tables/customers', { headers })).status, 304);
  await rest.sql('ALTER TABLE customers ADD COLUMN later int');
  const changed = await rest.request('/tables/customers', { headers });
  t.is(changed.status, 200);
  t.is(changed.body.columns.at(-1).name, 'later');
});

test.serial('lists have pages, by offset and by cursor', async (t) => {
  await rest.sql(
    'CREATE SCHEMA many',
    'CREATE TABLE many.a (x int)',
    'CREATE TABLE many.b (x int)',
  );
  await rest.sql('CREATE TABLE many.c (x int)');
  const first = await rest.request('/tables?schema=many&limit=2');
  t.is(first.status, 200, first.text);
  t.is(first.body.total, 3);
  t.deepEqual(
    first.body.items.map(({ name }: { name: string }) => name),
    ['a', 'b'],
  );
  const second = await rest.request(`/tables?schema=many&cursor=${first.body.nextCursor}`);
  t.deepEqual(
    second.body.items.map(({ name }: { name: string }) => name),
    ['c'],
  );
  t.is(second.body.nextCursor, undefined);
  const skipped = await rest.request('/tables?schema=many&offset=2');
  t.is(skipped.body.items.length, 1);
  assertFails(t, await rest.request('/tables?cursor=x'), 400, 'VALIDATION_ERROR');
  assertFails(t, await rest.request('/tables?limit=1001'), 400, 'VALIDATION_ERROR');
  const system = await rest.request('/tables');
  t.false(system.body.items.some(({ schema }: { schema: string }) => schema === 'pg_catalog'));
});

test.serial('schemas', async (t) => {
  const made = await post('/schemas/My%20Schema');
  t.is(made.status, 201, made.text);
  assertFails(t, await post('/schemas/My%20Schema'), 409, 'ALREADY_EXISTS');
  await rest.sql('CREATE TABLE "My Schema".t (x int)', 'CREATE SEQUENCE "My Schema".s');
  const { body } = await rest.request('/schema/My%20Schema');
  t.like(body, { name: 'My Schema', owner: 'rustydb', tables: ['t'], sequences: ['s'] });
  const { items } = (await rest.request('/schemas')).body;
  t.true(items.some(({ name }: { name: string }) => name === 'My Schema'));
  t.is((await rest.request('/schema')).body.name, 'public');
  assertFails(t, await drop('/schemas/My%20Schema'), 409, 'OBJECT_IN_USE');
  t.is((await drop('/schemas/My%20Schema?cascade=true')).status, 204);
  assertFails(t, await rest.request('/schema/My%20Schema'), 404, 'NOT_FOUND');
});

test.serial('views', async (t) => {
  const query = "SELECT 'a;b' AS x, (1) AS y";
  const made = await post('/views', { name: 'v', query, columns: ['x', 'y'] });
  t.is(made.status, 201, made.text);
  t.is(made.headers.get('location'), '/api/v1/views/public.v');
  t.deepEqual((await rest.request('/tables/v/rows')).body, [{ x: 'a;b', y: 1 }]);
  t.regex((await rest.request('/views/v')).body.definition, /SELECT/);
  assertFails(t, await post('/views', { name: 'v', query }), 409, 'ALREADY_EXISTS');
  const again = await post('/views', { name: 'v', query, columns: ['x', 'y'], replace: true });
  t.is(again.status, 201, again.text);
  t.true((await rest.request('/views')).body.total >= 1);
  t.is((await drop('/views/v')).status, 204);
  assertFails(t, await rest.request('/views/v'), 404, 'NOT_FOUND');
});

test.serial('materialized views', async (t) => {
  await rest.sql('CREATE TABLE source (n int)');
  const query = 'SELECT count(*) FROM source';
  const made = await post('/materialized-views', { name: 'm', query, columns: ['rows'] });
  t.is(made.status, 201, made.text);
  t.is(made.body.populated, true);
  await rest.sql('INSERT INTO source VALUES (1)');
  t.deepEqual((await rest.request('/tables/m/rows')).body, [{ rows: 0 }]);
  t.is((await post('/materialized-views/m/refresh')).status, 200);
  t.deepEqual((await rest.request('/tables/m/rows')).body, [{ rows: 1 }]);
  t.is((await rest.request('/tables/m')).body.kind, 'materialized view');
  const empty = await post('/materialized-views', { name: 'e', query, withData: false });
  t.is(empty.body.populated, false);
  assertFails(t, await post('/materialized-views/nothing/refresh'), 404, 'NOT_FOUND');
  t.is((await rest.request('/materialized-views')).body.total, 2);
  t.is((await drop('/materialized-views/m')).status, 204);
});

test.serial('indexes', async (t) => {
  await rest.sql('CREATE TABLE indexed (a int, b int)');
  const made = await post('/indexes', { name: 'i', table: 'indexed', columns: ['b', 'a'] });
  t.is(made.status, 201, made.text);
  t.like((await rest.request('/indexes/i')).body, { table: 'indexed', unique: false, valid: true });
  t.regex(made.body.definition, /\(b, a\)/);
  const wrong = { name: 'j', table: 'indexed', columns: ['c'] };
  assertFails(t, await post('/indexes', wrong), 400, 'UNDEFINED_OBJECT');
  t.is((await drop('/indexes/i')).status, 204);
  assertFails(t, await drop('/indexes/i'), 404, 'NOT_FOUND');
  t.is((await drop('/indexes/i?ifExists=true')).status, 204);
});

test.serial('sequences', async (t) => {
  const made = await post('/sequences', { name: 's', start: 5, increment: 2, max: 100 });
  t.is(made.status, 201, made.text);
  t.like(made.body, { start: 5, increment: 2, max: 100, cycle: false, lastValue: null });
  await rest.sql("SELECT nextval('s')");
  t.is((await rest.request('/sequences/s')).body.lastValue, 5);
  await post('/sequences', { name: 'wide' });
  t.regex((await rest.request('/sequences/wide')).text, /"max":9223372036854775807[,}]/);
  t.is((await drop('/sequences/s')).status, 204);
});

test.serial('tables are dropped, with what depends on them where that is wanted', async (t) => {
  assertFails(t, await drop('/tables/customers'), 409, 'OBJECT_IN_USE');
  t.is((await drop('/tables/customers?cascade=true')).status, 204);
  assertFails(t, await drop('/tables/customers'), 404, 'NOT_FOUND');
  t.is((await drop('/tables/customers?ifExists=true')).status, 204);
});

const BAD: readonly (readonly [what: string, body: object, message: RegExp])[] = [
  ['a column too many', { name: 'x', columns: [], colums: [] }, /did you mean columns/],
  [
    'a type that is SQL',
    { name: 'x', columns: [{ name: 'a', type: 'int); DROP TABLE t; --' }] },
    /no name of a type/,
  ],
  [
    'a default that ends too early',
    { name: 'x', columns: [{ name: 'a', type: 'int', default: '1), b int default (2' }] },
    /unmatched \)/,
  ],
  [
    'a default with a comment',
    { name: 'x', columns: [{ name: 'a', type: 'int', default: '1 --' }] },
    /comments are not allowed/,
  ],
  [
    'a check with a statement behind it',
    { name: 'x', columns: [{ name: 'a', type: 'int' }], checks: ['a > 0; SELECT 1'] },
    /more than one statement/,
  ],
  ['an open quote', { name: 'x', columns: [], checks: ["a = 'b"] }, /quote is not closed/],
  ['a name that is none', { name: 'a\0b', columns: [] }, /cannot be a name/],
  [
    'a reference that is none',
    { name: 'x', columns: [{ name: 'a', type: 'int', references: 'a(b' }] },
    /expected table\(column\)/,
  ],
];

for (const [what, body, message] of BAD) {
  test(`no table is made with ${what}`, async (t) => {
    const error = assertFails(t, await post('/tables', body), 400, 'VALIDATION_ERROR');
    t.regex(String(error.message), message);
  });
}

test('names with quotes are names', async (t) => {
  const name = 'od"d; DROP TABLE x; --.é';
  const columns = [{ name: 'a"b', type: 'int', primaryKey: true }];
  const made = await post('/tables', { name, columns });
  t.is(made.status, 201, made.text);
  const path = `/tables/${encodeURIComponent(name)}?schema=public`;
  t.is((await rest.request(path)).body.columns[0].name, 'a"b');
  t.is((await drop(path)).status, 204);
});

test('a type or a parent that is not there', async (t) => {
  const unknown = { name: 'u', columns: [{ name: 'a', type: 'nosuch' }] };
  assertFails(t, await post('/tables', unknown), 400, 'UNDEFINED_OBJECT');
  const orphan = { name: 'u', columns: [{ name: 'a', type: 'int', references: 'nosuch(id)' }] };
  assertFails(t, await post('/tables', orphan), 400, 'UNDEFINED_OBJECT');
});

test('databases', async (t) => {
  const { body } = await rest.request('/databases');
  t.deepEqual(
    body.items.map(({ name }: { name: string }) => name),
    ['rustydb'],
  );
  t.like((await rest.request('/databases/rustydb')).body, { owner: 'rustydb', encoding: 'UTF8' });
  assertFails(t, await rest.request('/databases/none'), 404, 'NOT_FOUND');
  assertFails(t, await post('/databases', { name: 'other' }), 501, 'NOT_IMPLEMENTED');
  assertFails(t, await drop('/databases/rustydb'), 501, 'NOT_IMPLEMENTED');
  t.is((await put('/databases', {})).headers.get('allow'), 'GET');
});
