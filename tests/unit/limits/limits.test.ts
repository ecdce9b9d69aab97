import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { admit, type RequestContext } from '../../../ts/gateway/index.ts';
import { configuredRules, Limits, PHASE } from '../../../ts/limits/index.ts';
import { Engine } from '../../../ts/native/index.ts';
import { ATTRIBUTES, rule } from './support.ts';

const open = () =>
  Engine.open({
    path: ':memory:',
    bufferPoolBytes: 16 * 1024 * 1024,
    sync: 'off',
    maxSessions: 4,
  });

/** What each of so many workers was allowed, of so many checks. */
async function byWorkers(engine: Engine, workers: number, checks: number): Promise<number[]> {
  const workerData = { handle: engine.handle, checks };
  const path = join(import.meta.dirname, 'checker.ts');
  const answers = Array.from({ length: workers }, async () => {
    const [allowed] = await once(new Worker(path, { workerData }), 'message');
    return allowed as number;
  });
  return Promise.all(answers);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

// The same, by one thread and by two at once.
for (const workers of [1, 2]) {
  test(`${workers} threads get what there is, and not one more`, async (t) => {
    await using engine = await open();
    const limits = new Limits(engine);
    await limits.createRule(rule('r', 20_000));
    await limits.createQuota({ id: 'q', key: 'application', period: 'month', limit: 15_000 });
    const client = limits.client(ATTRIBUTES);
    t.deepEqual(client.check(PHASE.all)?.remaining, 14_999);
    t.is(sum(await byWorkers(engine, workers, 30_000)), 14_999);
    t.true((client.check(PHASE.all)?.retryAfterMs ?? 0) > 0);
    t.is(client.lastName(), 'quota "q"');
    await limits.dropQuota('q');
    t.is(sum(await byWorkers(engine, workers, 30_000)), 5000);
    t.is(limits.inForce().statistics.denied, workers * 60_000 - 19_999 + 1);
  });
}

test('a client that had to make room is had again, with what it has taken', async (t) => {
  await using engine = await open();
  const limits = new Limits(engine);
  await limits.createRule(rule('r', 10));
  const client = limits.client(ATTRIBUTES);
  t.is(limits.client({ ...ATTRIBUTES }), client);
  t.is(client.check(PHASE.all)?.remaining, 9);
  const others = Array.from({ length: 10_001 }, (_, n) =>
    limits.client({ ...ATTRIBUTES, application: `${n}` }),
  );
  t.is(others[0]?.check(PHASE.all)?.remaining, 8);
  t.is(client.check(PHASE.all)?.remaining, 7);
});

test('the gateway holds early rates before, and others after it knows who asks', async (t) => {
  await using engine = await open();
  const limits = new Limits(engine);
  await limits.createRule(rule('a', 3, { key: 'address' }));
  await limits.createRule(rule('u', 2));
  const context = (isLocal: boolean): RequestContext => ({
    protocol: 'rest',
    requestId: 'r',
    clientAddress: '127.0.0.1:1',
    isLocal,
    claimedUser: 'one',
    database: 'd',
    application: 'a',
    limited: limits.client(ATTRIBUTES),
  });
  const admitted = context(true);
  admit(admitted);
  t.is(admitted.rate?.remaining, 1);
  t.throws(() => admit(context(false)), { message: /only local connections/ });
  admit(context(true));
  const error = t.throws(() => admit(context(true)), { message: /^rate limit exceeded/ });
  t.like(error, {
    code: 'RATE_LIMIT_EXCEEDED',
    sqlstate: '53400',
    httpStatus: 429,
    details: { of: 'rate limit "a"', limit: 3 },
  });
});

test('the configuration makes rules, and may turn all off', async (t) => {
  await using engine = await open();
  const limits = new Limits(engine);
  const network = { rateLimitRps: 7 } as never;
  const api = { rateLimitRps: 100, rateLimitBurst: 120 } as never;
  const config = { api, network, limits: { maxClients: 50 } };
  limits.configure({ ...config, gateway: { enableRateLimiting: true } });
  const { rules, statistics } = limits.inForce();
  t.deepEqual(
    rules.map(({ id, key, requests, burst, source }) => [id, key, requests, burst, source]),
    [
      ['network', 'address', 7, undefined, 'configuration'],
      ['api', 'client', 100, 120, 'configuration'],
    ],
  );
  t.is(statistics.clientsMax, 50);
  const client = limits.client(ATTRIBUTES);
  t.is(client.check(PHASE.all)?.limit, 7);
  limits.configure({ ...config, gateway: { enableRateLimiting: false } });
  t.is(client.check(PHASE.all), undefined);
  t.deepEqual(
    configuredRules({ api: { rateLimitRps: 0 }, network: { rateLimitRps: 0 } } as never),
    [],
  );
});
