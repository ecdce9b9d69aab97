// Whole traces, as a receiver of OTLP over HTTP gets them.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { eventually } from '../support/eventually.ts';
import { type RestServer, startRestServer } from '../support/rest-client.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface Export {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const spans: Span[] = [];
let receiver: Server;
let rest: RestServer;

test.before(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(text) as Export;
      spans.push(...resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  rest = await startRestServer({
    flags: [
      ...['--monitoring.enable_tracing', 'true'],
      ...['--monitoring.otlp_endpoint', `http://127.0.0.1:${port}`],
    ],
  });
  await sample(0);
});

test.after.always(async () => {
  await rest?.stop();
  receiver?.close();
});

const sample = (percent: number) =>
  rest.request('/admin/config', {
    method: 'PUT',
    body: { monitoring: { trace_sample_percent: percent } },
  });

const traceOf = (trace: string): readonly Span[] =>
  spans.filter(({ traceId }) => traceId === trace);

/** The spans of a trace, once all that have these names are there. */
async function received(trace: string, names: readonly string[]): Promise<readonly Span[]> {
  await eventually(`spans of ${trace}`, async () =>
    names.every((name) => traceOf(trace).some((span) => span.name === name)),
  );
  return traceOf(trace);
}

function idOf(of: readonly Span[], name: string): string | undefined {
  return of.find((span) => span.name === name)?.spanId;
}

test('a statement is a whole trace below its client’s span', async (t) => {
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
  // More bytes than go out at once: encoding is a part of its own.
  const body = { sql: 'SELECT generate_series(1, 100) AS n' };
  const answer = await rest.request('/query', { method: 'POST', headers, body });
  const root = 'POST /api/v1/query';
  const parts = ['gateway', 'pool', 'execute', 'encode'];
  const all = await received(TRACE, [root, ...parts]);
  t.deepEqual(all.map(({ name }) => name).toSorted(), [root, ...parts].toSorted());
  const span = all.find(({ name }) => name === root);
  t.is(span?.parentSpanId, PARENT);
  for (const part of parts) {
    t.is(all.find(({ name }) => name === part)?.parentSpanId, span?.spanId, part);
  }
  t.is(answer.headers.get('traceparent'), `00-${TRACE}-${idOf(all, root)}-01`);
  const attributes = Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  t.like(attributes, { 'http.request.method': 'POST', 'http.response.status_code': 200 });
});

test('so is a request that goes through the application', async (t) => {
  const trace = TRACE.replace('0af', '1af');
  const headers = { traceparent: `00-${trace}-${PARENT}-01`, tracestate: 'vendor=1' };
  await rest.request('/views', { headers });
  const all = await received(trace, ['GET /api/v1/views', 'gateway', 'pool', 'execute']);
  const root = idOf(all, 'GET /api/v1/views');
  t.true(all.filter(({ parentSpanId }) => parentSpanId === root).length >= 3);
});

test('a statement that fails is an error of its part, with the code', async (t) => {
  const trace = TRACE.replace('0af', '2af');
  const headers = { traceparent: `00-${trace}-${PARENT}-01` };
  await rest.request('/query', { method: 'POST', headers, body: { sql: 'SELECT 1 / 0' } });
  const all = await received(trace, ['POST /api/v1/query', 'execute']);
  const execute = all.find(({ name }) => name === 'execute');
  t.deepEqual(execute?.status, { code: 2, message: 'DATA_EXCEPTION' });
});

test('what is not sampled is not traced, nor what no sample falls on', async (t) => {
  const trace = TRACE.replace('0af', '3af');
  const unsampled = { traceparent: `00-${trace}-${PARENT}-00` };
  for (const headers of [unsampled, {}, { traceparent: '00-0-0-01' }]) {
    const answer = await rest.request('/version', { headers });
    t.is(answer.headers.get('traceparent'), null);
  }
  // Live: from now on every request is.
  await sample(100);
  const sampled = (await rest.request('/version')).headers.get('traceparent');
  t.regex(sampled ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  await received(sampled?.slice(3, 35) ?? '', ['GET /api/v1/version']);
  t.deepEqual(traceOf(trace), []);
});
