// What operators do over HTTP: the configuration under load, the audit log, maintenance, the end.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { type RestServer, startRestServer } from '../support/rest-client.ts';

const MAIN = join(import.meta.dirname, '../../ts/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'rustydb-admin-'));
const toml = join(folder, 'rustydb.toml');
let rest: RestServer;

test.before(async () => {
  writeFileSync(toml, '[pool]\nacquire_timeout = "20s"\n');
  rest = await startRestServer({ dataPath: join(folder, 'data'), flags: ['--config', toml] });
});

test.after.always(async () => {
  await rest?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const put = (body: object, headers: Record<string, string> = {}) =>
  rest.request('/admin/config', { method: 'PUT', body, headers });

const audit = async (query: string) => (await rest.request(`/admin/audit?${query}`)).body.items;

test.serial('a change for a version that has passed is a 409, by header a 412', async (t) => {
  const before = await rest.request('/admin/config');
  const tag = before.headers.get('etag') ?? '';
  t.is(tag, `"${before.body.version}"`);
  t.is((await put({ pool: { max_size: 60 } }, { 'if-match': tag })).status, 200);
  const late = await put({ pool: { max_size: 61 } }, { 'if-match': tag });
  t.deepEqual([late.status, late.body.error.code], [412, 'PRECONDITION_FAILED']);
  const body = await put({ version: before.body.version, pool: { max_size: 61 } });
  t.deepEqual([body.status, body.body.error.code], [409, 'SERIALIZATION_FAILURE']);
  t.is((await put({ pool: { max_size: 62 } }, { 'if-match': '"x"' })).status, 412);
  t.is((await rest.request('/config')).body.pool.maxSize, 60);
});

test.serial('SIGHUP reads the file anew; a wrong one changes nothing', async (t) => {
  const acquire = async () => (await rest.request('/config')).body.pool.acquireTimeoutMs;
  writeFileSync(toml, '[pool]\nacquire_timeout = "21s"\n');
  process.kill(rest.server.pid, 'SIGHUP');
  await eventually('the new value', async () => (await acquire()) === 21_000);
  writeFileSync(toml, '[pool]\nacquire_timeout = "soon"\n');
  process.kill(rest.server.pid, 'SIGHUP');
  await eventually('the refusal', async () => rest.server.log().includes('stays as it is: pool'));
  t.is(await acquire(), 21_000);
  const [version] = (await rest.request('/admin/config/versions')).body.items;
  t.like(version, { origin: 'file', by: 'SIGHUP' });
});

test.serial('the configuration changes under load, and no request fails', async (t) => {
  let isOver = false;
  const client = async () => {
    let failures = 0;
    while (!isOver) {
      const { status } = await rest.request('/query', {
        method: 'POST',
        body: { sql: 'SELECT 1' },
      });
      if (status !== 200) failures += 1;
    }
    return failures;
  };
  const clients = Array.from({ length: 4 }, client);
  for (let size = 20; size < 40; size += 1) {
    t.is(
      (await put({ pool: { max_size: size }, monitoring: { slow_query_ms: size } })).status,
      200,
    );
  }
  isOver = true;
  t.deepEqual(await Promise.all(clients), [0, 0, 0, 0]);
});

test.serial('what concerns security is recorded, whichever door it came by', async (t) => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: rest.server.port,
    user: 'x'.repeat(70),
    database: 'rustydb',
  });
  client.on('error', () => undefined);
  await t.throwsAsync(client.connect());
  await eventually('the refused connection', async () => {
    const [found] = await audit('action=connect&result=failure');
    return found?.metadata.sqlstate === '28000' && found.user.startsWith('xxx');
  });
  await rest.request('/version', { headers: { origin: 'https://evil.example' } });
  const { body } = await rest.request('/security/audit?type=authorization');
  t.like(body.items[0], { action: 'authorize', result: 'failure', resource: '/api/v1/version' });
  t.is(body.items[0].clientIp.split(':')[0], '127.0.0.1');
  // Not what the gateway decides.
  t.deepEqual((await rest.request('/gateway/audit?type=administration')).body.items, []);
});

test.serial('what operators do is recorded, and what they tried', async (t) => {
  await put({ pool: { max_size: 0 } });
  const [failed] = await audit('action=changeConfig&result=failure');
  t.is(failed.metadata.code, 'CONFIGURATION_ERROR');
  await rest.request('/queries/none', { method: 'DELETE' });
  const [kill] = await audit('action=cancelQuery');
  t.like(kill, { resource: '/api/v1/queries/none', user: 'rustydb', result: 'failure' });
});

test.serial('pages of the log do not overlap, and end', async (t) => {
  const seen: number[] = [];
  let cursor = '';
  do {
    const { body } = await rest.request(`/admin/audit?limit=7${cursor}`);
    seen.push(...body.items.map(({ seq }: { seq: number }) => seq));
    cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  t.deepEqual(
    seen,
    Array.from({ length: seen.length }, (_, at) => seen.length - at),
  );
  const all = (await rest.request('/admin/audit?limit=1000')).body.items;
  const at = all[3].timestamp;
  for (const { timestamp } of await audit(`from=${at}`)) t.true(timestamp >= at);
  for (const { timestamp } of await audit(`to=${at}`)) t.true(timestamp <= at);
  t.is((await rest.request('/admin/audit?from=yesterday')).status, 400);
  t.is((await rest.request('/admin/audit?cursor=x')).status, 400);
});

test.serial('requests are recorded where that is asked for, from then on', async (t) => {
  await rest.sql('SELECT 1');
  t.deepEqual(await audit('type=request'), []);
  await put({ audit: { requests: true } });
  await eventually('requests of all threads', async () => {
    const headers = { connection: 'close' };
    await rest.request('/query', { method: 'POST', headers, body: { sql: 'SELECT 1' } });
    const found = await audit('type=request&limit=1000');
    return found.some(({ resource }: { resource: string }) => resource === '/api/v1/query');
  });
  const [one] = await audit('type=request&action=POST');
  t.is(one.metadata.status, 200);
  await put({ audit: { requests: null } });
});

test.serial('maintenance is a job; what cannot be done says so', async (t) => {
  const post = (body: object) => rest.request('/admin/maintenance', { method: 'POST', body });
  await rest.sql('CREATE TABLE m (id int)');
  for (const operation of ['vacuum', 'analyze']) {
    const { status, body, headers } = await post({ operation, options: { table: 'm' } });
    t.is(status, 202);
    t.is(headers.get('location'), `/api/v1/jobs/${body.jobId}`);
    await eventually(operation, async () => {
      const job = (await rest.request(`/jobs/${body.jobId}`)).body;
      return job.state === 'succeeded' && job.subject === `${operation} m`;
    });
  }
  t.is((await post({ operation: 'verify' })).status, 501);
  t.is((await post({ operation: 'checkpoint', options: { table: 'm' } })).status, 400);
});

test.serial('a stop by request ends the server in order, and its chain is whole', async (t) => {
  t.is((await rest.request('/admin/shutdown', { method: 'POST' })).status, 202);
  t.is(await rest.server.stop('SIGWINCH'), 0);
  const data = join(folder, 'data');
  const verify = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, 'audit', 'verify', '--data.path', data, ...args], {
      encoding: 'utf8',
    });
  const whole = verify();
  t.is(whole.status, 0, whole.stderr);
  t.like(JSON.parse(whole.stdout), { event: 'audit_verified', problems: [], unfinishedBytes: 0 });
  const audits = join(data, 'audit');
  const path = join(audits, readdirSync(audits)[0] as string);
  const text = readFileSync(path, 'utf8');
  const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
  t.like(last, { type: 'server', action: 'stop' });
  writeFileSync(path, text.replace('evil.example', 'good.example'));
  const changed = verify();
  t.is(changed.status, 1);
  t.regex(
    JSON.parse(changed.stdout).problems[0],
    /the record behind \d+ (was changed|is no whole)/,
  );
  // The files may be named.
  t.is(verify(path).status, 1);
  writeFileSync(path, text);
  execFileSync(process.execPath, [MAIN, 'audit', 'verify', path]);
});
