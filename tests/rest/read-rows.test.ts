// GET /tables/{name}/rows. What each case expects is what PostgREST over PostgreSQL 15 answers.
import test from 'ava';
import { assertFails, type RestServer, startRestServer } from '../support/rest-client.ts';

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer();
  await rest.sql(
    'CREATE SCHEMA shop',
    `CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, age int, city text,
      tags text[], data jsonb, height numeric(5,2))`,
    `INSERT INTO people VALUES
      (1, 'Ann', 30, 'Oslo', '{a,b}', '{"k": {"n": 1}, "l": [1, 2]}', 1.70),
      (2, 'Bob', 41, 'Rome', '{b,c}', '{"k": {"n": 2}}', 1.85),
      (3, 'Cid', NULL, 'Oslo', NULL, NULL, NULL),
      (4, 'Dan, "x"', 17, NULL, '{}', '"text"', 1.60)`,
    'CREATE TABLE shop.customers (id int PRIMARY KEY, name text)',
    `CREATE TABLE shop.orders (id int PRIMARY KEY, amount numeric,
      customer_id int REFERENCES shop.customers (id))`,
    'CREATE TABLE shop.tags (id int PRIMARY KEY, tag text)',
    `CREATE TABLE shop.order_tags (order_id int REFERENCES shop.orders (id),
      tag_id int REFERENCES shop.tags (id), PRIMARY KEY (order_id, tag_id))`,
    "INSERT INTO shop.customers VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid')",
    'INSERT INTO shop.orders VALUES (10, 5, 1), (11, 7.5, 1), (12, 1, 2), (13, 2, NULL)',
    "INSERT INTO shop.tags VALUES (1, 'red'), (2, 'blue')",
    'INSERT INTO shop.order_tags VALUES (10, 1), (10, 2), (12, 2)',
    'CREATE TABLE log (line text)',
    'CREATE VIEW adults AS SELECT id, name FROM people WHERE age >= 18',
    'CREATE TABLE pairs (a int, b text, v int, PRIMARY KEY (a, b))',
    "INSERT INTO pairs VALUES (1, 'eu', 5), (1, 'a,b/ü', 6)",
    'CREATE TABLE shop.addresses (customer int PRIMARY KEY REFERENCES shop.customers, city text)',
    "INSERT INTO shop.addresses VALUES (2, 'Rome')",
    `CREATE TABLE shop.trips (id int PRIMARY KEY, start int REFERENCES shop.tags (id),
      finish int REFERENCES shop.tags (id))`,
    'INSERT INTO shop.trips VALUES (1, 1, 2)',
    'CREATE TABLE staff (id int PRIMARY KEY, name text, boss_id int REFERENCES staff (id))',
    "INSERT INTO staff VALUES (1, 'top', NULL), (2, 'mid', 1), (3, 'low', 2)",
  );
});

test.after.always(() => rest?.stop());

const ids = (body: readonly { id: number }[]): readonly number[] => body.map(({ id }) => id);

const FILTERS: readonly (readonly [query: string, expected: readonly number[]])[] = [
  ['id=eq.2', [2]],
  ['id=neq.2', [1, 3, 4]],
  ['id=not.eq.2', [1, 3, 4]],
  ['age=gt.30', [2]],
  ['age=gte.30', [1, 2]],
  ['age=lt.30', [4]],
  ['age=lte.30', [1, 4]],
  ['age=isdistinct.30', [2, 3, 4]],
  ['name=like.*n*', [1, 4]],
  ['name=like.%25n%25', [1, 4]],
  ['name=ilike.A*', [1]],
  ['name=match.^[AB]', [1, 2]],
  ['name=imatch.^[ab]', [1, 2]],
  ['id=in.(1,3)', [1, 3]],
  ['id=not.in.(1,3)', [2, 4]],
  ['id=in.()', []],
  ['name=in.("Dan, \\"x\\"",Ann)', [1, 4]],
  ['age=is.null', [3]],
  ['age=not.is.null', [1, 2, 4]],
  ['age=is.not_null', [1, 2, 4]],
  ['tags=cs.{b}', [1, 2]],
  ['tags=cd.{a,b,c}', [1, 2, 4]],
  ['tags=ov.{a,z}', [1]],
  ['data=cs.{"k":{"n":2}}', [2]],
  ['data->k->>n=eq.1', [1]],
  ['data->k->n=eq.2', [2]],
  ['data->l->>1=eq.2', [1]],
  ['height=gt.1.7', [2]],
  ['id=eq(any).{1,4}', [1, 4]],
  ['name=like(any).{A*,B*}', [1, 2]],
  ['name=like(all).{*n*,A*}', [1]],
  ['or=(id.eq.1,id.eq.3)', [1, 3]],
  ['not.or=(id.eq.1,id.eq.3)', [2, 4]],
  ['and=(age.gte.17,city.is.null)', [4]],
  ['or=(id.eq.3,and(age.gt.30,not.or(city.eq.Oslo,city.eq.Bern)))', [2, 3]],
  ['or=(name.eq."Dan, \\"x\\"",tags.ov.{c,d})', [2, 4]],
  ['or=(id.in.(1,2),age.not.lt.100)', [1, 2]],
  ['age=gte.17&age=lt.31', [1, 4]],
  ['"name"=eq.Ann', [1]],
];

for (const [query, expected] of FILTERS) {
  test(`filter ${query}`, async (t) => {
    const { status, body, text } = await rest.request(`/tables/people/rows?${query}&order=id`);
    t.is(status, 200, text);
    t.deepEqual(ids(body), [...expected]);
  });
}

const SHAPES: readonly (readonly [path: string, expected: unknown])[] = [
  ['people/rows?select=id,n:name&id=eq.1', [{ id: 1, n: 'Ann' }]],
  ['people/rows?select=id::text,height&id=eq.1', [{ id: '1', height: 1.7 }]],
  ['people/rows?select=data->k->>n,x:data->l->0&id=eq.1', [{ n: '1', x: 1 }]],
  ['people/rows?select=id&order=age.desc.nullslast,id&limit=2', [{ id: 2 }, { id: 1 }]],
  ['people/rows?select=id&order=age.nullsfirst&limit=1', [{ id: 3 }]],
  ['people/rows?select=id&order=data->k->>n.desc.nullslast&limit=1', [{ id: 2 }]],
  ['people/rows?select=id&order=id&limit=1&offset=2', [{ id: 3 }]],
  ['people/rows?select=count()', [{ count: 4 }]],
  [
    'people/rows?select=city,n:count(),age.max()&order=city.nullslast',
    [
      { city: 'Oslo', n: 2, max: 30 },
      { city: 'Rome', n: 1, max: 41 },
      { city: null, n: 1, max: 17 },
    ],
  ],
  ['people/rows?select=id,t:tags->>1&tags->>0=eq.a', [{ id: 1, t: 'b' }]],
  ['people/rows?select=town:city,n:count()&order=n.desc,town&limit=1', [{ town: 'Oslo', n: 2 }]],
  ['people/rows?select=s:height.sum()::text', [{ s: '5.15' }]],
  ['adults/rows?select=name&order=name', [{ name: 'Ann' }, { name: 'Bob' }]],
  [
    'shop.orders/rows?select=id,customers(name)&id=in.(10,13)&order=id',
    [
      { id: 10, customers: { name: 'Ann' } },
      { id: 13, customers: null },
    ],
  ],
  ['shop.orders/rows?select=id,c:customer_id(name)&id=eq.12', [{ id: 12, c: { name: 'Bob' } }]],
  [
    'shop.customers/rows?select=name,orders(id,amount)&orders.order=id.desc&order=id',
    [
      {
        name: 'Ann',
        orders: [
          { id: 11, amount: 7.5 },
          { id: 10, amount: 5 },
        ],
      },
      { name: 'Bob', orders: [{ id: 12, amount: 1 }] },
      { name: 'Cid', orders: [] },
    ],
  ],
  [
    'shop.customers/rows?select=name,orders!orders_customer_id_fkey!inner(id)&orders.amount=gt.5',
    [{ name: 'Ann', orders: [{ id: 11 }] }],
  ],
  [
    'shop.customers/rows?select=name,o:orders(id)&o.or=(id.eq.10,id.eq.12)&o.limit=1&id=lt.3&order=id',
    [
      { name: 'Ann', o: [{ id: 10 }] },
      { name: 'Bob', o: [{ id: 12 }] },
    ],
  ],
  [
    'shop.customers/rows?select=name,orders(n:count(),amount.sum())&id=eq.1',
    [{ name: 'Ann', orders: [{ n: 2, sum: 12.5 }] }],
  ],
  ['shop.customers/rows?select=name,orders()&orders=is.null', [{ name: 'Cid' }]],
  [
    'shop.orders/rows?select=id,tags(tag)&tags.order=tag&id=in.(10,11)&order=id',
    [
      { id: 10, tags: [{ tag: 'blue' }, { tag: 'red' }] },
      { id: 11, tags: [] },
    ],
  ],
  [
    'shop.customers/rows?select=name,orders(id,tags(*))&id=eq.2',
    [{ name: 'Bob', orders: [{ id: 12, tags: [{ id: 2, tag: 'blue' }] }] }],
  ],
  [
    'shop.orders/rows?select=id,customers(name)&order=customers(name).desc.nullslast,id&limit=2',
    [
      { id: 12, customers: { name: 'Bob' } },
      { id: 10, customers: { name: 'Ann' } },
    ],
  ],
  [
    'staff/rows?select=name,boss_id(name),staff(name)&id=eq.2',
    [{ name: 'mid', boss_id: { name: 'top' }, staff: [{ name: 'low' }] }],
  ],
  [
    'shop.customers/rows?select=id,addresses(city)&id=lt.3&order=id',
    [
      { id: 1, addresses: null },
      { id: 2, addresses: { city: 'Rome' } },
    ],
  ],
  [
    'shop.trips/rows?select=a:tags!start(tag),b:tags!trips_finish_fkey(tag)',
    [{ a: { tag: 'red' }, b: { tag: 'blue' } }],
  ],
  ['people/rows/1?select=name', { name: 'Ann' }],
  ['pairs/rows/1,eu?select=v', { v: 5 }],
  [`pairs/rows/1,${encodeURIComponent('a,b/ü')}?select=v`, { v: 6 }],
];

for (const [path, expected] of SHAPES) {
  test(`read ${path}`, async (t) => {
    const { status, body, text } = await rest.request(`/tables/${path}`);
    t.is(status, 200, text);
    t.deepEqual(body, expected);
  });
}

const ERRORS: readonly (readonly [path: string, status: number, code: string, message: RegExp])[] =
  [
    ['peopel/rows', 404, 'NOT_FOUND', /peopel/],
    ['people/rows/9', 404, 'NOT_FOUND', /row 9/],
    ['people/rows/1,2', 400, 'VALIDATION_ERROR', /key of "people" is id/],
    ['people/rows/x', 400, 'DATA_EXCEPTION', /invalid input syntax for type integer: "x"/],
    ['log/rows/1', 404, 'NOT_FOUND', /a primary key of "log"/],
    ['people/rows?nmae=eq.1', 400, 'UNDEFINED_OBJECT', /column "nmae"/],
    ['people/rows?select=nmae', 400, 'UNDEFINED_OBJECT', /column "nmae"/],
    ['people/rows?order=nmae', 400, 'UNDEFINED_OBJECT', /column "nmae"/],
    ['people/rows?id=eq.x', 400, 'DATA_EXCEPTION', /invalid input syntax for type integer: "x"/],
    ['people/rows?id=eqq.1', 400, 'VALIDATION_ERROR', /id: .*did you mean eq\?.* character 1/],
    ['people/rows?id=1', 400, 'VALIDATION_ERROR', /expected an operator/],
    ['people/rows?id=in.(1', 400, 'VALIDATION_ERROR', /expected "\)" at character 6/],
    ['people/rows?or=(id.eq.1', 400, 'VALIDATION_ERROR', /or: expected "\)" at character 9/],
    ['people/rows?id=is.1', 400, 'VALIDATION_ERROR', /is: expected one of null/],
    ['people/rows?in=in(any).(1)', 400, 'VALIDATION_ERROR', /expected no \(any\)/],
    ['people/rows?name=fts.x', 501, 'NOT_IMPLEMENTED', /the operator fts/],
    ['people/rows?select=id,', 400, 'VALIDATION_ERROR', /select: expected a column/],
    ['people/rows?select=id::int)', 400, 'VALIDATION_ERROR', /select: expected the end/],
    ['people/rows?select=age.median()', 400, 'VALIDATION_ERROR', /expected one of sum/],
    ['people/rows?order=id.up', 400, 'VALIDATION_ERROR', /order: expected asc/],
    ['people/rows?limit=x', 400, 'VALIDATION_ERROR', /limit: expected a number/],
    ['people/rows?orders.id=eq.1', 400, 'VALIDATION_ERROR', /orders: select names no such table/],
    ['shop.trips/rows?select=tags(tag)', 400, 'VALIDATION_ERROR', /in several ways/],
    ['people/rows?select=orders(id)', 400, 'UNDEFINED_OBJECT', /foreign key between "people"/],
    ['people/rows?select=id::nosuch', 400, 'UNDEFINED_OBJECT', /type "nosuch" does not exist/],
  ];

for (const [path, status, code, message] of ERRORS) {
  test(`refuse ${path}`, async (t) => {
    const error = assertFails(t, await rest.request(`/tables/${path}`), status, code);
    t.regex(String(error.message), message);
  });
}

test('where an error is in a text of ours is not told', async (t) => {
  const { body } = await rest.request('/tables/people/rows?select=id::nosuch');
  t.is(body.error.sqlstate, '42704');
  t.is(body.error.position, undefined);
});

test('a name that is nearly one is offered', async (t) => {
  const table = await rest.request('/tables/peopel/rows');
  t.is(table.body.error.hint, 'Perhaps you meant "people".');
  const column = await rest.request('/tables/people/rows?nmae=eq.1');
  t.is(column.body.error.hint, 'Perhaps you meant "name".');
});

test('a count says which part of all rows this is', async (t) => {
  const count = { prefer: 'count=exact' };
  const part = await rest.request('/tables/people/rows?limit=2&offset=1', { headers: count });
  t.is(part.status, 206);
  t.is(part.headers.get('content-range'), '1-2/4');
  t.is(part.headers.get('preference-applied'), 'count=exact');
  const all = await rest.request('/tables/people/rows', { headers: count });
  t.is(all.status, 200);
  t.is(all.headers.get('content-range'), '0-3/4');
  const uncounted = await rest.request('/tables/people/rows?limit=2');
  t.is(uncounted.status, 200);
  t.is(uncounted.headers.get('content-range'), '0-1/*');
  const outside = await rest.request('/tables/people/rows?offset=9', { headers: count });
  assertFails(t, outside, 416, 'VALIDATION_ERROR');
  t.is(outside.headers.get('content-range'), '*/4');
  const planned = { prefer: 'count=planned' };
  const estimate = await rest.request('/tables/people/rows?id=eq.1', { headers: planned });
  t.regex(estimate.headers.get('content-range') ?? '', /^0-0\/\d+$/);
});

test('reading writes nothing', async (t) => {
  await rest.sql('CREATE SEQUENCE ticks', "CREATE VIEW ticking AS SELECT nextval('ticks') AS n");
  for (const prefer of ['', 'count=exact', 'explain=analyze']) {
    const answer = await rest.request('/tables/ticking/rows', { headers: { prefer } });
    const error = assertFails(t, answer, 409, 'TRANSACTION_STATE');
    t.is(error.sqlstate, '25006');
  }
});

test('a count alone', async (t) => {
  const headers = { prefer: 'count=exact' };
  const head = (query: string) =>
    rest.request(`/tables/people/rows?${query}`, { method: 'HEAD', headers });
  const part = await head('limit=2&offset=1');
  t.is(part.status, 206);
  t.is(part.headers.get('content-range'), '1-2/4');
  t.is((await head('age=gte.30')).headers.get('content-range'), '0-1/2');
  t.is((await head('nmae=eq.1')).status, 400);
  t.is((await head('offset=9')).status, 416);
});

test('a range is a page', async (t) => {
  const headers = { range: '1-2', 'range-unit': 'items', prefer: 'count=exact' };
  const page = await rest.request('/tables/people/rows?order=id&select=id', { headers });
  t.is(page.status, 206);
  t.deepEqual(ids(page.body), [2, 3]);
  const backwards = await rest.request('/tables/people/rows', { headers: { range: '5-2' } });
  assertFails(t, backwards, 416, 'VALIDATION_ERROR');
});

test('the schema comes from the name or from the profile', async (t) => {
  const headers = { 'accept-profile': 'shop' };
  const profile = await rest.request('/tables/customers/rows?select=id', { headers });
  t.is(profile.status, 200);
  t.is(profile.headers.get('content-profile'), 'shop');
  t.deepEqual(profile.body, (await rest.request('/tables/shop.customers/rows?select=id')).body);
});

test('rows are JSON, lines of JSON, CSV or one object', async (t) => {
  const read = (accept: string, query = 'select=id,name&id=lt.3&order=id') =>
    rest.request(`/tables/people/rows?${query}`, { headers: { accept } });
  t.is((await read('application/x-ndjson')).text, '{"id":1,"name":"Ann"}\n{"id":2,"name":"Bob"}\n');
  t.is((await read('text/csv')).text, 'id,name\n1,Ann\n2,Bob\n');
  const object = 'application/vnd.pgrst.object+json';
  t.deepEqual((await read(object, 'select=id&id=eq.1')).body, { id: 1 });
  assertFails(t, await read(object), 406, 'NOT_ACCEPTABLE');
  assertFails(t, await read('image/png'), 406, 'NOT_ACCEPTABLE');
});

test('a plan instead of rows', async (t) => {
  const headers = { prefer: 'explain=analyze' };
  const { status, body } = await rest.request("/tables/people/rows?name=eq.O'x", { headers });
  t.is(status, 200);
  t.truthy(body[0].Plan['Node Type']);
  t.truthy(body[0].Plan['Actual Rows'] !== undefined);
  const nothing = await rest.request('/tables/people/rows?name=eq.a%00', { headers });
  t.true(nothing.status >= 400 && nothing.status < 500, nothing.text);
});

test('a preference that is unknown is passed over, or refused where that is wanted', async (t) => {
  const read = (prefer: string) => rest.request('/tables/people/rows', { headers: { prefer } });
  const lenient = await read('count=exact, foo=bar');
  t.is(lenient.headers.get('preference-applied'), 'count=exact');
  assertFails(t, await read('handling=strict, foo=bar'), 400, 'VALIDATION_ERROR');
});

test('long answers stream, in order and whole', async (t) => {
  const rows = 50_000;
  await rest.sql(
    'CREATE TABLE long (id int PRIMARY KEY, text text)',
    `INSERT INTO long SELECT g, repeat('x', 20) FROM generate_series(1, ${rows}) g`,
  );
  const { status, headers, body } = await rest.request('/tables/long/rows?order=id', {
    headers: { prefer: 'count=exact' },
  });
  t.is(status, 200);
  t.is(headers.get('content-range'), `0-${rows - 1}/${rows}`);
  t.is(body.length, rows);
  t.true(body.every(({ id }: { id: number }, at: number) => id === at + 1));
});
