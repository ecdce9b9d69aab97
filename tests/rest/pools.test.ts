// The pool over HTTP: seen and changed while others use it.
import test from 'ava';
import pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { type RestServer, startRestServer } from '../support/rest-client.ts';

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer({
    flags: [...['max', 'initial', 'min'].flatMap((of) => [`--pool.${of}_size`, '3'])],
  });
});

test.after.always(() => rest?.stop());

const post = (path: string, body?: unknown) =>
  rest.request(path, { method: 'POST', ...(body === undefined ? {} : { body }) });
const put = (path: string, body: unknown) => rest.request(path, { method: 'PUT', body });

async function client(): Promise<pg.Client> {
  const { port } = rest.server;
  const made = new pg.Client({ host: '127.0.0.1', port, user: 'rustydb', database: 'rustydb' });
  made.on('error', () => undefined);
  await made.connect();
  return made;
}

const statistics = async () => (await rest.request('/pools/default/stats')).body;

test.serial('the pool has settings and a state', async (t) => {
  const { body: list } = await rest.request('/pools');
  t.is(list.total, 1);
  t.like(list.items[0], { id: 'default', state: 'running', settings: { maxSize: 3 } });
  const { body } = await rest.request('/pools/default');
  t.like(body.statistics, { maxSize: 3, total: 3, active: 0, waiting: 0 });
  t.is((await rest.request('/pools/other')).status, 404);
});

test.serial('who waits is seen, and waits until there is a slot', async (t) => {
  const clients = await Promise.all([1, 2, 3, 4].map(client));
  const [a, b, c, d] = clients as [pg.Client, pg.Client, pg.Client, pg.Client];
  for (const one of [a, b, c]) await one.query('BEGIN');
  const waiting = d.query('SELECT 1 AS n');
  await eventually('one waits', async () => (await statistics()).waiting === 1);
  const { body: queue } = await rest.request('/pools/default/wait-queue');
  const { rows } = await a.query(
    'SELECT class, position, pid, cardinality(blockers) AS blockers FROM rustydb_pool_waiters',
  );
  t.like(rows[0], { class: 'normal', position: 1, blockers: 3 });
  t.like(queue.items[0], { position: 1, priority: 'normal', processId: rows[0].pid });
  const { body: waits } = await rest.request('/pools/default/wait-queue/stats');
  t.like(waits, { waiting: 1, waitingMax: 1 });
  // Nobody is refused while there are more slots to be had.
  const grown = await post('/pools/default/resize', { maxSize: 4 });
  t.is(grown.body.settings.maxSize, 4);
  t.deepEqual((await waiting).rows, [{ n: 1 }]);
  t.is((await post('/pools/default/resize', { maxSize: 2 })).status, 400);
  t.is((await post('/pools/default/resize', { maxSize: 3 })).status, 200);
  for (const one of [a, b, c]) await one.query('COMMIT');
  await Promise.all(clients.map((one) => one.end()));
});

test.serial('a pause holds everybody up and loses nobody', async (t) => {
  const one = await client();
  t.is((await post('/pools/default/pause')).body.state, 'paused');
  const held = one.query('SELECT 7 AS n');
  await eventually('it waits', async () => (await statistics()).waiting === 1);
  t.is((await post('/pools/default/resume')).body.state, 'running');
  t.deepEqual((await held).rows, [{ n: 7 }]);
  const { body: drained } = await post('/pools/default/drain');
  t.like(drained.statistics, { total: 0, active: 0 });
  await post('/pools/default/resume');
  t.deepEqual((await one.query('SELECT 8 AS n')).rows, [{ n: 8 }]);
  await one.end();
});

test.serial('waiters can be sent away', async (t) => {
  const one = await client();
  await post('/pools/default/pause');
  const held = one.query('SELECT 1').catch((error: pg.DatabaseError) => error);
  await eventually('it waits', async () => (await statistics()).waiting === 1);
  t.deepEqual((await post('/pools/default/wait-queue/clear')).body, { cleared: 1 });
  t.like(await held, { code: '53300' });
  await post('/pools/default/resume');
  await one.end();
});

test.serial('a slot is taken from who has it', async (t) => {
  const one = await client();
  const pid = (await one.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  await one.query('BEGIN');
  const { body: slots } = await rest.request('/connections');
  const slot = slots.items.find((of: { processId: number | null }) => of.processId === pid);
  t.like(slot, { state: 'active', partition: 'default' });
  t.like((await rest.request(`/connections/${slot.id}`)).body, { id: slot.id });
  t.is((await rest.request(`/connections/${slot.id}`, { method: 'DELETE' })).status, 204);
  await eventually('it is free', async () => (await statistics()).active === 0);
  await t.throwsAsync(one.query('SELECT 1'));
  t.is((await rest.request('/connections/99', { method: 'DELETE' })).status, 404);
});

test.serial('partitions are made, changed and dropped', async (t) => {
  const path = '/pools/default/partitions';
  const made = await post(path, { name: 'reports', minSize: 1, maxSize: 2, lends: false });
  t.is(made.status, 201, made.text);
  t.like(made.body, { name: 'reports', minSize: 1, maxSize: 2, mayBorrow: false, lends: false });
  t.is((await post(path, { name: 'reports' })).status, 409);
  t.is((await post(path, { name: 'greedy', minSize: 9 })).status, 400);
  t.like((await put(`${path}/reports`, { maxSize: null })).body, { minSize: 1, maxSize: null });
  t.like((await rest.request(`${path}/reports/stats`)).body, { active: 0, granted: 0 });
  t.deepEqual(
    (await rest.request(path)).body.items.map(({ name }: { name: string }) => name),
    ['default', 'reports'],
  );
  t.is((await rest.request(`${path}/reports`, { method: 'DELETE' })).status, 204);
  t.is((await rest.request(`${path}/reports`)).status, 404);
  t.is((await rest.request(`${path}/default`, { method: 'DELETE' })).status, 409);
});

test.serial('what is held too long is reported with who holds it, and reclaimed', async (t) => {
  const path = '/pools/default/lifecycle/policy';
  t.like((await rest.request(path)).body, { leakReclaim: false });
  await put(path, { leakDetectionThresholdMs: 50, maintenanceIntervalMs: 10 });
  const one = await client();
  await one.query("SET application_name = 'forgetful'");
  await one.query('BEGIN');
  await one.query('SELECT 1 AS forgotten');
  const leaks = async () => (await rest.request('/pools/default/leaks')).body.items;
  await eventually('it is reported', async () => (await leaks()).length === 1);
  const [leak] = await leaks();
  t.like(leak, {
    application: 'forgetful',
    query: 'SELECT 1 AS forgotten',
    state: 'idle in transaction',
    user: 'rustydb',
    wasReclaimed: false,
  });
  t.deepEqual((await post('/pools/default/leaks/clear')).body, { cleared: 1 });
  await put(path, { leakReclaim: true });
  await eventually('it is free', async () => (await statistics()).active === 0);
  t.true((await leaks())[0].wasReclaimed);
  await t.throwsAsync(one.query('SELECT 1'));
  await put(path, { leakDetectionThresholdMs: 300_000, leakReclaim: false });
});

test.serial('slots are made anew', async (t) => {
  const before = (await rest.request('/pools/default/lifecycle/stats')).body;
  t.is((await post('/pools/default/lifecycle/recycle')).status, 200);
  const after = (await rest.request('/pools/default/lifecycle/stats')).body;
  t.is(after.closed, before.closed + before.total);
  t.is(after.total, 3);
});
