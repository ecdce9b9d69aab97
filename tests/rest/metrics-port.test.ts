// The metrics on a port of their own.
import { createServer } from 'node:http';
import test from 'ava';
import { startTestServer } from '../support/server.ts';

/** The lines that do not move from one reading to the next. */
const steady = (text: string): readonly string[] =>
  text.split('\n').filter((line) => /^# /.test(line) || /^rustydb_jobs_/.test(line));

test('the metrics port has what the HTTP port has, and nothing else', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const [own, api] = [server.metricsPort, server.httpPort].map(
    (port) => `http://127.0.0.1:${port}`,
  );
  const answer = await fetch(`${own}/metrics`);
  t.is(answer.status, 200);
  const other = await fetch(`${api}/metrics`);
  t.is(answer.headers.get('content-type'), other.headers.get('content-type'));
  const text = await answer.text();
  t.deepEqual(steady(text), steady(await other.text()));
  t.true(steady(text).length > 20);
  t.regex(text, /^rustydb_pool_active_connections\{pool="default"\} \d+$/m);
  t.regex(text, /^rustydb_active_queries_entries 0$/m);
  t.is((await fetch(`${own}/api/v1/tables`)).status, 404);
  t.is((await fetch(`${own}/health`)).status, 404);
  t.is((await fetch(`${own}/metrics`, { method: 'POST' })).status, 405);
});

test('a server without a metrics port', async (t) => {
  const server = await startTestServer({ flags: ['--monitoring.enable_metrics', 'false'] });
  t.teardown(() => server.stop());
  t.is(server.metricsPort, undefined);
  t.is((await fetch(`http://127.0.0.1:${server.httpPort}/metrics`)).status, 200);
});

test('a port that was named and is taken stops the start', async (t) => {
  const holder = createServer();
  const port = await new Promise<number>((resolve) => {
    holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port));
  });
  t.teardown(() => holder.close());
  await t.throwsAsync(startTestServer({ flags: ['--monitoring.metrics_port', String(port)] }), {
    message: /another server listens there; choose another monitoring\.metrics_port/,
  });
});
