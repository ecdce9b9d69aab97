import test from 'ava';
import { Metrics } from '../../../ts/monitoring/metrics.ts';

test('answers are counted by status, their durations in buckets that add up', async (t) => {
  const metrics = new Metrics();
  const counts = metrics.requests('POST', '/query');
  t.is(metrics.requests('POST', '/query'), counts);
  counts.add(200, 0.0005);
  counts.add(200, 0.0006);
  counts.add(404, 60);
  const text = await metrics.text();
  const lines = text.split('\n').filter((line) => line.includes('endpoint="/query"'));
  const shown = (start: string): string | undefined =>
    lines
      .find((line) => line.startsWith(start))
      ?.split(' ')
      .at(-1);
  const of = 'method="POST",endpoint="/query"';
  t.is(shown(`rustydb_api_requests_total{${of},status="200"}`), '2');
  t.is(shown(`rustydb_api_requests_total{${of},status="404"}`), '1');
  const duration = 'rustydb_api_request_duration_seconds';
  t.is(shown(`${duration}_bucket{${of},le="0.0005"}`), '1');
  t.is(shown(`${duration}_bucket{${of},le="0.001"}`), '2');
  t.is(shown(`${duration}_bucket{${of},le="10"}`), '2');
  t.is(shown(`${duration}_bucket{${of},le="+Inf"}`), '3');
  t.is(shown(`${duration}_count{${of}}`), '3');
  t.is(shown(`${duration}_sum{${of}}`), String(0.0005 + 0.0006 + 60));
  t.regex(text, /# TYPE rustydb_api_request_duration_seconds histogram/);
});

test('what was never asked for has no lines', async (t) => {
  const metrics = new Metrics();
  metrics.requests('GET', '/tables');
  t.false((await metrics.text()).includes('/tables'));
});
