// Imports that go on after their request was answered.

import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { eventually } from '../support/eventually.ts';
import { assertFails, type RestServer, startRestServer } from '../support/rest-client.ts';

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer({ flags: ['--api.max_job_upload_bytes', '1MiB'] });
});

test.after.always(() => rest?.stop());

const ASYNC = { 'content-type': 'text/csv', prefer: 'respond-async' };

const load = (table: string, body: string, headers = {}) =>
  rest.request(`/import/${table}`, { method: 'POST', headers: { ...ASYNC, ...headers }, body });

const job = async (id: string) => (await rest.request(`/jobs/${id}`)).body;

async function ended(id: string) {
  await eventually('the job ends', async () => (await job(id)).finished !== null);
  return job(id);
}

async function rowsOf(table: string): Promise<number> {
  const [answer] = await rest.sql(`SELECT count(*) AS n FROM "${table}"`);
  return answer?.body.rows[0].n;
}

/** Rows wait for the lock that this holds; answers what lets go of it. */
async function held(table: string): Promise<() => Promise<void>> {
  const sql = `LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`;
  const sleep = 'SELECT count(*) FROM generate_series(1, 1000000000000)';
  const holding = rest.request('/batch', { method: 'POST', body: { statements: [sql, sleep] } });
  let id: string | undefined;
  await eventually('the lock is held', async () => {
    const { body } = await rest.request('/queries');
    id = body.items.find((one: { sql: string; id: string }) => one.sql === sleep)?.id;
    return id !== undefined;
  });
  return async () => {
    await rest.request(`/queries/${id}`, { method: 'DELETE' });
    await holding;
  };
}

test.serial('an import that goes on as a job', async (t) => {
  await rest.sql('CREATE TABLE a (id int PRIMARY KEY)');
  const answer = await load('a', 'id\n1\n2\n');
  t.is(answer.status, 202, answer.text);
  const { jobId } = answer.body;
  t.is(answer.headers.get('location'), `/api/v1/jobs/${jobId}`);
  t.is(answer.headers.get('preference-applied'), 'respond-async');
  t.like(await ended(jobId), {
    id: jobId,
    kind: 'import',
    subject: 'a',
    state: 'succeeded',
    progress: 1,
    error: null,
    result: { accepted: 2, rejectedCount: 0, rejected: [] },
  });
  t.is(await rowsOf('a'), 2);
  const { body } = await rest.request('/jobs?limit=1');
  t.true(body.total >= 1);
  t.is((await rest.request(`/jobs/${jobId}`, { method: 'DELETE' })).status, 204);
  assertFails(t, await rest.request(`/jobs/${jobId}`), 404, 'NOT_FOUND');
  assertFails(t, await rest.request(`/jobs/${jobId}`, { method: 'DELETE' }), 404, 'NOT_FOUND');
});

test.serial('without the preference an import is answered when it is over', async (t) => {
  await rest.sql('CREATE TABLE plain (id int)');
  const answer = await load('plain', 'id\n1\n', { prefer: '' });
  t.is(answer.status, 200);
  t.is(answer.body.accepted, 1);
});

test.serial('a job that fails says where, and leaves nothing', async (t) => {
  await rest.sql('CREATE TABLE b (id int PRIMARY KEY)');
  const answer = await load('b', 'id\n1\nx\n');
  t.is(answer.status, 202);
  const failed = await ended(answer.body.jobId);
  t.is(failed.state, 'failed');
  t.like(failed.error, { code: 'DATA_EXCEPTION', details: { line: 3, column: 'id' } });
  t.is(typeof failed.error.requestId, 'string');
  t.is(failed.result, null);
  t.is(await rowsOf('b'), 0);
  const nowhere = await ended((await load('nowhere', 'id\n1\n')).body.jobId);
  t.is(nowhere.error.code, 'UNDEFINED_OBJECT');
});

test.serial('a job that is cancelled leaves no rows and no file', async (t) => {
  await rest.sql('CREATE TABLE c (id int PRIMARY KEY)');
  const release = await held('c');
  // The answer does not wait for the lock: the upload is in.
  const answer = await load('c', `id\n${Array.from({ length: 50_000 }, (_, n) => n).join('\n')}\n`);
  t.is(answer.status, 202);
  const { jobId } = answer.body;
  const running = await job(jobId);
  t.is(running.state, 'running');
  t.true(running.progress < 1);
  t.is(running.finished, null);
  t.is((await rest.request(`/jobs/${jobId}`, { method: 'DELETE' })).status, 204);
  const cancelled = await ended(jobId);
  t.is(cancelled.state, 'cancelled');
  t.is(cancelled.error.code, 'CANCELLED');
  await release();
  t.is(await rowsOf('c'), 0);
  t.deepEqual(readdirSync(join(rest.server.dataPath, 'tmp')), []);
});

test.serial('a client that leaves in the middle of its upload ends the job', async (t) => {
  await rest.sql('CREATE TABLE d (id int PRIMARY KEY)');
  const upload = request(`${rest.url}/import/d`, { method: 'POST', headers: ASYNC });
  upload.on('error', () => undefined);
  upload.write('id\n1\n');
  const find = async () =>
    (await rest.request('/jobs')).body.items.find(
      (one: { subject: string }) => one.subject === 'd',
    );
  await eventually('the job runs', async () => (await find()) !== undefined);
  t.is((await find()).state, 'running');
  upload.destroy();
  await eventually('the job ends', async () => (await find()).finished !== null);
  t.like((await find()).error, {
    code: 'CANCELLED',
    message: 'canceled: the upload, by its client',
  });
  t.is(await rowsOf('d'), 0);
});

test.serial('a job whose upload stalls can be cancelled', async (t) => {
  await rest.sql('CREATE TABLE e (id int PRIMARY KEY)');
  const upload = request(`${rest.url}/import/e`, { method: 'POST', headers: ASYNC });
  upload.on('error', () => undefined);
  upload.write('id\n1\n');
  const find = async () =>
    (await rest.request('/jobs')).body.items.find(
      (one: { subject: string }) => one.subject === 'e',
    );
  await eventually('the job runs', async () => (await find()) !== undefined);
  const { id } = await find();
  await rest.request(`/jobs/${id}`, { method: 'DELETE' });
  t.is((await ended(id)).state, 'cancelled');
  upload.destroy();
});

test.serial('an upload that has no room ends its job', async (t) => {
  await rest.sql('CREATE TABLE f (id int, x text)');
  const release = await held('f');
  const answer = await load('f', `id,x\n1,${'x'.repeat(2 * 1024 * 1024)}\n`);
  assertFails(t, answer, 429, 'RESOURCE_EXHAUSTED');
  await release();
  t.is(await rowsOf('f'), 0);
});

test.serial('what was compressed is read as it was', async (t) => {
  await rest.sql('CREATE TABLE g (id int PRIMARY KEY)');
  const body = gzipSync('id\n1\n2\n3\n') as unknown as string;
  const sent = await rest.contract.fetch(`${rest.url}/import/g`, {
    method: 'POST',
    headers: { ...ASYNC, 'content-encoding': 'gzip' },
    body,
  });
  const { jobId } = (await sent.json()) as { jobId: string };
  t.is((await ended(jobId)).result.accepted, 3);
});

test.serial('lists are pages, also while entries go', async (t) => {
  await rest.sql('CREATE TABLE h (id int)');
  for (const n of [1, 2, 3]) await ended((await load('h', `id\n${n}\n`)).body.jobId);
  const first = (await rest.request('/jobs?limit=1')).body;
  await rest.request(`/jobs/${first.items[0].id}`, { method: 'DELETE' });
  const second = (await rest.request(`/jobs?limit=1&cursor=${first.nextCursor}`)).body;
  t.true(second.items[0].started <= first.items[0].started);
  t.not(second.items[0].id, first.items[0].id);
  assertFails(t, await rest.request('/jobs?cursor=x'), 400, 'VALIDATION_ERROR');
  assertFails(t, await rest.request('/jobs?limit=1001'), 400, 'VALIDATION_ERROR');
  assertFails(t, await rest.request('/queries?limit=1001'), 400, 'VALIDATION_ERROR');
  const root = rest.url.replace('/api/v1', '');
  t.regex(await (await fetch(`${root}/metrics`)).text(), /rustydb_jobs_cap 1000/);
});
