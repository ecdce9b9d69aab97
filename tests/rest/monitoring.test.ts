// What the server says of itself: metrics in a form that Prometheus takes, dashboards over metrics that
// there are, logs without secrets, statements and alerts.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from '../support/eventually.ts';
import { parseMetrics } from '../support/metrics-text.ts';
import { hasOutside } from '../support/outside.ts';
import { type RestServer, startRestServer } from '../support/rest-client.ts';

const GRAFANA = join(import.meta.dirname, '../../docs/grafana/rustydb.json');

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer();
  await rest.sql('CREATE TABLE t (id int PRIMARY KEY)', 'INSERT INTO t VALUES (1)');
  await rest.request('/tables/none/rows');
  await rest.request('/tables');
});

test.after.always(() => rest?.stop());

const metricsText = async (): Promise<string> => (await rest.request('/metrics')).text;

const put = (body: object) => rest.request('/admin/config', { method: 'PUT', body });

test('metrics are in the text format to the letter', async (t) => {
  const text = await metricsText();
  const families = parseMetrics(text);
  for (const { name, type, samples } of families) {
    if (type === 'counter') t.true(name.endsWith('_total'), name);
    else t.false(/_(total|count|sum|bucket)$/.test(name), name);
    t.true(name.startsWith('rustydb_') === !/^(process|nodejs)_/.test(name), name);
    if (type !== 'histogram') continue;
    for (const [key, value] of samples) {
      if (!key.includes('le="+Inf"')) continue;
      const count = key
        .replace('_bucket{', '_count{')
        .replace(/,?le="\+Inf"/, '')
        .replace('{,', '{');
      t.is(samples.get(count), value, key);
    }
  }
  t.is(
    (await rest.request('/monitoring/prometheus')).headers.get('content-type'),
    (await rest.request('/metrics')).headers.get('content-type'),
  );
});

test('Prometheus’ own checker finds nothing to say', async (t) => {
  if (!hasOutside(t, 'promtool', 'prometheus')) return;
  const run = spawnSync('promtool', ['check', 'metrics'], {
    input: await metricsText(),
    encoding: 'utf8',
  });
  t.is(run.stdout + run.stderr, '');
  t.is(run.status, 0);
});

test('the JSON has the same metrics', async (t) => {
  const { body } = await rest.request('/monitoring/metrics');
  const names = (body.metrics as { name: string }[]).map(({ name }) => name);
  t.deepEqual(
    names.toSorted(),
    parseMetrics(await metricsText())
      .map(({ name }) => name)
      .toSorted(),
  );
});

test('the Grafana dashboard uses only metrics that there are', async (t) => {
  const families = parseMetrics(await metricsText());
  const there = families.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name],
  );
  const { panels } = JSON.parse(readFileSync(GRAFANA, 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const used = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:rustydb|process|nodejs)_\w+/g) ?? []),
  );
  t.true(used.length > 30);
  t.deepEqual(
    used.filter((name) => !there.includes(name)),
    [],
  );
});

test('every panel of every dashboard has a value; what has no metrics is not there', async (t) => {
  await put({ monitoring: { sample_interval: '100ms' } });
  const { body } = await rest.request('/monitoring/dashboard');
  for (const { id, panels } of body.dashboards as { id: string; panels: number }[]) {
    await eventually(`values of ${id}`, async () => {
      const dashboard = (await rest.request(`/monitoring/dashboards/${id}`)).body;
      // Means need requests between two samples: these are some.
      await rest.sql('SELECT 1');
      return (
        dashboard.panels.length === panels &&
        dashboard.panels.every((one: { points: unknown[] }) => one.points.length > 0)
      );
    });
  }
  t.is((await rest.request('/monitoring/dashboards/replication')).status, 501);
  t.is((await rest.request('/monitoring/dashboards/none')).status, 404);
});

test('the log is told by level, without secrets', async (t) => {
  await put({ monitoring: { slow_query_ms: 0 } });
  const secret = "CREATE ROLE r PASSWORD 'geheim'";
  await rest.request('/query', { method: 'POST', body: { sql: secret } });
  await eventually('the line', async () => {
    const { text } = await rest.request('/monitoring/logs?level=warn&limit=1000');
    t.false(text.includes('geheim'));
    return text.includes('CREATE ROLE r PASSWORD');
  });
  const { text: slow } = await rest.request('/monitoring/slow-queries?limit=1000');
  t.true(slow.includes('CREATE ROLE r') && !slow.includes('geheim'));
  const { text: stats } = await rest.request('/monitoring/query-stats?limit=1000');
  t.true(stats.includes('CREATE ROLE r') && !stats.includes('geheim'));
  const { body } = await rest.request('/monitoring/logs?level=error');
  t.true(body.items.every(({ level }: { level: string }) => ['error', 'critical'].includes(level)));
  await put({ monitoring: { slow_query_ms: null } });
});

test('statements are added up over all threads, by text', async (t) => {
  const sql = 'SELECT 40 + 2 AS added';
  for (let at = 0; at < 20; at += 1) {
    // A connection of its own each: the kernel spreads them.
    const headers = { connection: 'close' };
    await rest.request('/query', { method: 'POST', headers, body: { sql } });
  }
  await rest.request('/query', { method: 'POST', body: { sql: 'SELECT 1 / 0 AS bad' } });
  const { body } = await rest.request('/monitoring/query-stats?limit=1000');
  const of = (text: string) => body.items.find((one: { sql: string }) => one.sql === text);
  t.like(of(sql), { calls: 20, failures: 0, type: 'select' });
  t.like(of('SELECT 1 / 0 AS bad'), { calls: 1, failures: 1 });
  const costs = body.items.map(({ totalMs }: { totalMs: number }) => totalMs);
  t.deepEqual(
    costs,
    costs.toSorted((one: number, other: number) => other - one),
  );
});

test('a rule that cannot be judged is refused', async (t) => {
  const rule = { id: 'r', expression: 'rustydb_sessions', threshold: 1 };
  const faults: readonly [object, number, RegExp][] = [
    [{ expression: 'rustydb_sesions' }, 400, /there is no metric rustydb_sesions/],
    [{ expression: 'rate(rustydb_sessions' }, 400, /a \) is missing/],
    [{ expression: 'max(rustydb_sessions)' }, 400, /no function max; there is rate/],
    [{ expression: '('.repeat(50) }, 400, /too many parentheses/],
    [{ id: 'writing-stopped' }, 409, /already exists/],
    [{ id: 'a b' }, 400, /id/],
  ];
  for (const [fault, status, message] of faults) {
    const body = { ...rule, ...fault };
    const answer = await rest.request('/monitoring/alerts/rules', { method: 'POST', body });
    t.is(answer.status, status, answer.text);
    t.regex(answer.body.error.message, message);
  }
  const path = '/monitoring/alerts/rules/writing-stopped';
  t.is((await rest.request(path, { method: 'DELETE' })).status, 409);
});
