// Whatever stands in names, values and parameters: it is taken as what it is or refused, and never
// becomes SQL.
import test from 'ava';
import fc from 'fast-check';
import { type RestServer, startRestServer } from '../support/rest-client.ts';

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer();
  await rest.sql(
    'CREATE TABLE victims (id int PRIMARY KEY, text text, data jsonb, tags text[])',
    "INSERT INTO victims VALUES (1, 'one', '{}', '{}')",
    'CREATE TABLE texts (id int PRIMARY KEY, text text, data jsonb, tags text[])',
  );
});

test.after.always(() => rest?.stop());

const SQL = [
  "'",
  '"',
  ';',
  '--',
  '/*',
  '$1',
  '$$',
  '\\',
  "' OR 1=1 --",
  '"; DROP TABLE victims; --',
];
const GRAMMAR = [
  '(',
  ')',
  ',',
  '.',
  ':',
  '::',
  '!',
  '*',
  '->',
  '->>',
  '{',
  '}',
  '=',
  '%',
  '&',
  '\0',
];
const WORDS = [
  'id',
  'text',
  'data',
  'tags',
  'eq',
  'not',
  'in',
  'is',
  'and',
  'or',
  'like',
  'cs',
  'any',
];
const MORE = [
  'sum()',
  'count()',
  'null',
  'int',
  'desc',
  'nullslast',
  'victims',
  'order',
  '1',
  'ü',
  '😀',
];

/** Text of any characters, or of pieces that mean something to a parser. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(fc.constantFrom(...SQL, ...GRAMMAR, ...WORDS, ...MORE), { maxLength: 8 })
    .map((parts) => parts.join('')),
);

/** URLs and JSON carry no halves of characters. */
const whole = text.map((value) => value.toWellFormed());

const quoted = (name: string): string => encodeURIComponent(`"${name.replace(/["\\]/g, '\\$&')}"`);

async function victims(): Promise<unknown> {
  return (await rest.request('/tables/victims/rows')).body;
}

const ALONE = [{ id: 1, text: 'one', data: {}, tags: [] }];

test.serial('a value comes back as it was, or is refused', async (t) => {
  let id = 0;
  await fc.assert(
    fc.asyncProperty(whole, async (value) => {
      id += 1;
      const row = { id, text: value, data: { [value]: value }, tags: [value] };
      const body = JSON.stringify(row);
      const made = await rest.request('/tables/texts/rows', { method: 'POST', body });
      if (made.status !== 201) {
        // PostgreSQL's texts have no character 0.
        return made.status < 500 && value.includes('\0');
      }
      const filter = `id=eq.${id}&text=eq.${encodeURIComponent(value)}`;
      const list = `&text=in.(${quoted(value)})&or=(text.eq.${quoted(value)})`;
      const contained = `&tags=cs.{${quoted(value)}}`;
      const found = await rest.request(`/tables/texts/rows?${filter}${list}${contained}`);
      t.deepEqual(found.body, [JSON.parse(body)], found.text);
      return true;
    }),
    { numRuns: 150 },
  );
  t.deepEqual(await victims(), ALONE);
});

test.serial('a name is a name, or is refused', async (t) => {
  await fc.assert(
    fc.asyncProperty(whole, whole, async (table, column) => {
      // In a path these are steps, whatever they are written as (WHATWG URL, "dot segments").
      fc.pre(table !== '.' && table !== '..');
      const body = { name: table, columns: [{ name: column, type: 'int', primaryKey: true }] };
      const made = await rest.request('/tables', { method: 'POST', body });
      if (made.status !== 201) return made.status < 500;
      // Long names are cut, as PostgreSQL's are.
      const { name, columns } = made.body;
      const path = `/tables/${encodeURIComponent(name)}`;
      const headers = { 'content-profile': 'public', 'accept-profile': 'public' };
      const insert = { method: 'POST', headers, body: { [columns[0].name]: 7 } };
      const inserted = await rest.request(`${path}/rows`, insert);
      t.is(inserted.status, 201, inserted.text);
      const key = quoted(columns[0].name);
      const query = `${key}=eq.7&select=x:${key}&order=${key}.desc&or=(${key}.eq.7)`;
      const read = await rest.request(`${path}/rows?${query}`, { headers });
      t.deepEqual(read.body, [{ x: 7 }], read.text);
      const dropped = await rest.request(path, { method: 'DELETE', headers });
      t.is(dropped.status, 204, dropped.text);
      return true;
    }),
    { numRuns: 60 },
  );
  t.deepEqual(await victims(), ALONE);
});

const parameter = fc.oneof(
  fc.tuple(
    fc.constantFrom('select', 'order', 'and', 'or', 'limit', 'columns', 'on_conflict'),
    whole,
  ),
  fc.tuple(fc.constantFrom('id', 'text', 'data', 'tags', 'data->x', 'victims.id'), whole),
  fc.tuple(
    fc.constantFrom('id', 'text', 'data', 'tags'),
    fc
      .tuple(fc.constantFrom('eq.', 'in.(', 'not.like.', 'cs.', 'is.', 'eq(any).{'), whole)
      .map(([operator, value]) => `${operator}${value}`),
  ),
  fc.tuple(whole, whole),
);

test.serial('no parameter breaks the server or the table', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(parameter, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('GET', 'POST', 'PATCH'),
      async (parameters, method) => {
        const search = new URLSearchParams(parameters.map(([name, value]) => [name, value]));
        const headers = { prefer: 'tx=rollback, return=representation' };
        const body = method === 'GET' ? {} : { body: { id: 2, text: 'x' } };
        const path = `/tables/victims/rows?${search}`;
        const { status, text: answer } = await rest.request(path, { method, headers, ...body });
        const isNotBuilt = status === 501 && answer.includes('"NOT_IMPLEMENTED"');
        t.true(status < 500 || isNotBuilt, `${method} ${path}: ${answer}`);
        return true;
      },
    ),
    { numRuns: 400 },
  );
  t.deepEqual(await victims(), ALONE);
});

test.serial('types, defaults and expressions do not break out of their statement', async (t) => {
  await fc.assert(
    fc.asyncProperty(whole, async (value) => {
      const columns = [{ name: 'a', type: 'int', default: value }];
      const table = { name: 'probe', columns, checks: [value] };
      const typed = { name: 'probe', columns: [{ name: 'a', type: value }] };
      for (const body of [table, typed]) {
        const made = await rest.request('/tables', { method: 'POST', body });
        t.true(made.status < 500 || made.status === 501, made.text);
        if (made.status === 201) {
          t.deepEqual(
            made.body.columns.map(({ name }: { name: string }) => name),
            ['a'],
          );
          await rest.request('/tables/probe', { method: 'DELETE' });
        }
      }
      return true;
    }),
    { numRuns: 100 },
  );
  t.deepEqual(await victims(), ALONE);
});
