// Values that look like an injection, where the configuration asks for a look at them.
import test from 'ava';
import { assertFails, startRestServer } from '../support/rest-client.ts';

const PATH = `/tables/people/rows?name=eq.${encodeURIComponent("x' or 1=1 --")}`;

test('it blocks rows, and never SQL that is sent as SQL', async (t) => {
  const rest = await startRestServer({ flags: ['--api.injection_filter', 'block'] });
  t.teardown(() => rest.stop());
  await rest.sql('CREATE TABLE people (id int PRIMARY KEY, name text)');
  const error = assertFails(t, await rest.request(PATH), 403, 'AUTHORIZATION_FAILED');
  t.regex(String(error.message), /SQL injection/);
  const body = [{ id: 1, name: '<script>alert(1)</script>' }];
  const written = await rest.request('/tables/people/rows', { method: 'POST', body });
  assertFails(t, written, 403, 'AUTHORIZATION_FAILED');
  await rest.sql("INSERT INTO people VALUES (1, 'x'' or 1=1 --')");
  const plain = await rest.request('/tables/people/rows?id=eq.1');
  t.is(plain.body[0].name, "x' or 1=1 --");
  const { text } = await rest.request('/metrics');
  t.regex(text, /rustydb_gateway_suspicious_total 2/);
});

test('it reports, and lets pass', async (t) => {
  const rest = await startRestServer({ flags: ['--api.injection_filter', 'report'] });
  t.teardown(() => rest.stop());
  await rest.sql('CREATE TABLE people (id int PRIMARY KEY, name text)');
  t.is((await rest.request(PATH)).status, 200);
  const { text } = await rest.request('/metrics');
  t.regex(text, /rustydb_gateway_suspicious_total 1/);
  t.regex(rest.server.log(), /"kind":"SQL injection"/);
});
