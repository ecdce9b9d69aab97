// Pages of other origins: which may call, and what every answer says to browsers. Each request goes by
// the lane and, with a header that the lane does not know, by node:http.
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function ask({ httpPort }: TestServer, asked: Asked): Promise<Answer> {
  const { method = 'POST', path = '/query', headers = {}, body = '' } = asked;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({
    host: '127.0.0.1',
    port: httpPort,
    method,
    path: `/api/v1${path}`,
    headers: { ...(body === '' ? {} : { 'content-length': body.length }), ...headers },
  });
  sent.on('error', reject);
  sent.on('response', (response) => {
    const { statusCode: status, headers: received } = response;
    text(response).then((all) => resolve({ status, headers: received, body: all }), reject);
  });
  sent.end(body);
  return promise;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = { body: '{"sql":"SELECT 1 AS n"}' };

/** The answers of both ways. */
const bothWays = (server: TestServer, headers: Readonly<Record<string, string>>) =>
  Promise.all(
    [{}, { 'x-other': '1' }].map((more) =>
      ask(server, { ...QUERY, headers: { ...JSON_TYPE, ...headers, ...more } }),
    ),
  );

const APP = 'https://app.example.org';

test('an origin that is named may call, another may not', async (t) => {
  const server = await startTestServer({
    flags: ['--api.cors_origins', `${APP}, http://other.example:8000`],
  });
  t.teardown(() => server.stop());
  for (const { status, headers, body } of await bothWays(server, { origin: APP })) {
    t.is(status, 200, body);
    t.is(headers['access-control-allow-origin'], APP);
    t.is(headers['access-control-allow-credentials'], undefined);
    t.regex(headers['access-control-expose-headers'] ?? '', /X-Request-Id/);
    t.is(headers.vary, 'Origin, Accept-Encoding');
  }
  for (const { status, headers, body } of await bothWays(server, { origin: `${APP}.evil` })) {
    t.is(status, 403);
    t.regex(body, /"code":"AUTHORIZATION_FAILED"/);
    t.is(headers['access-control-allow-origin'], undefined);
  }
  const list = await ask(server, { method: 'GET', path: '/tables', headers: { origin: APP } });
  t.is(list.status, 200);
  t.is(list.headers['access-control-allow-origin'], APP);
});

test('a browser that asks first is told what it may send', async (t) => {
  const server = await startTestServer({
    flags: ['--api.cors_origins', APP, '--api.cors_credentials', 'true'],
  });
  t.teardown(() => server.stop());
  const preflight = (origin: string) =>
    ask(server, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const { status, headers } = await preflight(APP);
  t.is(status, 204);
  t.is(headers['access-control-allow-origin'], APP);
  t.is(headers['access-control-allow-credentials'], 'true');
  t.regex(headers['access-control-allow-methods'] ?? '', /\bPATCH\b/);
  t.regex(headers['access-control-allow-headers'] ?? '', /\bContent-Type\b/);
  t.is(headers['access-control-max-age'], '600');
  t.is((await preflight('https://example.org')).status, 403);
  // Loopback is trusted, but not told that it may read.
  t.is((await preflight('http://localhost:3000')).status, 405);
});

test('any origin is no foreign one while local clients are trusted', async (t) => {
  const server = await startTestServer({ flags: ['--api.cors_origins', '*'] });
  t.teardown(() => server.stop());
  for (const { status } of await bothWays(server, { origin: APP })) t.is(status, 403);
  for (const { status, headers } of await bothWays(server, { origin: 'http://localhost:3000' })) {
    t.is(status, 200);
    t.is(headers['access-control-allow-origin'], '*');
  }
});

test('without CORS no origin is told that it may read', async (t) => {
  const server = await startTestServer({
    flags: ['--api.cors_origins', APP, '--api.enable_cors', 'false'],
  });
  t.teardown(() => server.stop());
  for (const { status } of await bothWays(server, { origin: APP })) t.is(status, 403);
  for (const { status, headers } of await bothWays(server, { origin: 'http://localhost' })) {
    t.is(status, 200);
    t.is(headers['access-control-allow-origin'], undefined);
    t.is(headers.vary, 'Accept-Encoding');
  }
});

test('any origin together with credentials stops the start', async (t) => {
  const flags = ['--api.cors_origins', '*', '--api.cors_credentials', 'true'];
  await t.throwsAsync(startTestServer({ flags }), { message: /api\.cors_credentials/ });
});

test('what a page of another site sends without asking is refused', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  for (const { status, body } of await bothWays(server, { 'sec-fetch-site': 'cross-site' })) {
    t.is(status, 403);
    t.regex(body, /a page of another site/);
  }
  for (const site of ['same-origin', 'same-site', 'none']) {
    for (const { status } of await bothWays(server, { 'sec-fetch-site': site })) t.is(status, 200);
  }
  // A form sends this type without asking; it is no JSON, whatever is in it.
  const form = await ask(server, { ...QUERY, headers: { 'content-type': 'text/plain' } });
  t.is(form.status, 415);
});

test('every answer says how browsers are to take it', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const missing = await ask(server, { method: 'GET', path: '/nothing' });
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`x-${n}`, '1']));
  const large = await ask(server, { ...QUERY, headers: { ...JSON_TYPE, ...many } });
  t.is(large.status, 431);
  t.regex(large.body, /"code":"PAYLOAD_TOO_LARGE".*200 headers/);
  for (const { headers } of [...(await bothWays(server, {})), missing, large]) {
    t.is(headers['x-content-type-options'], 'nosniff');
    t.is(headers['referrer-policy'], 'no-referrer');
    t.regex(String(headers['content-security-policy']), /frame-ancestors 'none'/);
  }
});

test('no header overrides the method', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const made = await ask(server, {
    body: '{"sql":"CREATE TABLE kept (id int)"}',
    headers: JSON_TYPE,
  });
  t.is(made.status, 200);
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    const path = '/tables/kept?_method=DELETE';
    const { status } = await ask(server, { method: 'GET', path, headers: { [name]: 'DELETE' } });
    t.true(status === 200 || status === 400, String(status));
  }
  t.is((await ask(server, { method: 'GET', path: '/tables/kept' })).status, 200);
});
