// Sessions in slots of the one pool, on an engine in memory.
import test, { type ExecutionContext } from 'ava';
import { EmbeddedDriver, type Session } from '../../ts/engine/index.ts';
import { Engine, type PoolOptions, SlotPool } from '../../ts/native/index.ts';
import { SessionPool, smallPoolOptions } from '../../ts/pool/index.ts';
import { systemClock } from '../../ts/util/clock.ts';

interface World {
  readonly pool: SessionPool;
  /** Another thread's pool, as it were. */
  readonly other: SessionPool;
  configure(change: Partial<PoolOptions>): void;
}

async function world(t: ExecutionContext, change: Partial<PoolOptions>): Promise<World> {
  const engine = await Engine.open({
    path: ':memory:',
    bufferPoolBytes: 4 * 1024 * 1024,
    sync: 'off',
    maxSessions: 100,
  });
  const driver = new EmbeddedDriver({ engine, clock: systemClock });
  const configure = (options: Partial<PoolOptions>): void =>
    SlotPool.configure(engine.handle, { ...smallPoolOptions(1), ...options });
  configure(change);
  const engineHandle = engine.handle;
  const user = 'rustydb';
  const make = (): SessionPool =>
    new SessionPool({ driver, engineHandle, user, database: user, clientAddress: 'test' });
  const pools = { pool: make(), other: make() };
  t.teardown(async () => {
    pools.pool.close();
    pools.other.close();
    driver.close();
    await engine.close();
  });
  return { ...pools, configure };
}

/** A turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const LENGTH = '[{"?column?":1}]'.length;

/** The length of the answer to a statement that waits for nothing. */
function one(session: Session): number {
  return session.runWhole({ sql: 'SELECT 1', layout: 'rows' }, (_, length) => length) as number;
}

test('what is used at once needs no promise', async (t) => {
  const { pool } = await world(t, {});
  t.is(pool.use(one), LENGTH);
  const thrown = t.throws(() =>
    pool.use(() => {
      throw new Error('of the work');
    }),
  );
  t.is(thrown?.message, 'of the work');
  t.is(await pool.use(async (session) => session.processId > 0), true);
  await turn();
  const { active, idle, acquired, holds } = pool.statistics;
  t.deepEqual(
    { active, idle, acquired, held: holds.count },
    { active: 0, idle: 1, acquired: 2, held: 2 },
  );
});

test('a slot is kept for the next statement of the turn, and no longer', async (t) => {
  const { pool, other } = await world(t, {});
  for (let n = 0; n < 129; n += 1) t.is(pool.use(one), LENGTH);
  // Given back after every 64 of them.
  t.is(pool.statistics.acquired, 2);
  const waiting = other.acquire();
  t.is(other.statistics.waiting, 1);
  (await waiting).release(true);
  t.is(pool.statistics.active, 0);
});

test('who finds no slot waits in the one line, on whatever thread', async (t) => {
  const { pool, other } = await world(t, {});
  const first = await pool.acquire();
  const order: string[] = [];
  const waiting = [other, pool, other].map(async (of, at) => {
    const lease = await of.acquire();
    order.push(`${at}`);
    t.is(one(lease.session), LENGTH);
    lease.release(true);
  });
  t.is(pool.statistics.waiting, 3);
  first.release(true);
  await Promise.all(waiting);
  t.deepEqual(order, ['0', '1', '2']);
  const { active, waiting: left, waitingMax } = other.statistics;
  t.deepEqual([active, left, waitingMax], [0, 0, 3]);
});

test('a wait that is too long is refused, and says how long and where', async (t) => {
  const { pool } = await world(t, { acquireTimeoutMs: 20 });
  const lease = await pool.acquire();
  const late = await t.throwsAsync(pool.acquire(), { code: 'POOL_EXHAUSTED' });
  t.regex(late?.message ?? '', /all 1 slots are in use; waited \d+ ms, position 1 in the queue$/);
  const never = await t.throwsAsync(pool.acquire({ timeoutMs: 0 }), { code: 'POOL_EXHAUSTED' });
  t.regex(never?.message ?? '', /waited 0 ms/);
  lease.release(true);
  t.is(pool.statistics.timedOut, 1);
});

test('the line has an end', async (t) => {
  const { pool } = await world(t, { maxWaitQueueSize: 1 });
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  await t.throwsAsync(pool.acquire(), { message: /all 1 slots are in use and 1 clients wait$/ });
  lease.release(true);
  (await waiting).release(true);
});

test('who gives up leaves the line', async (t) => {
  const { pool } = await world(t, {});
  const lease = await pool.acquire();
  const leaving = new AbortController();
  const gone = pool.acquire({ signal: leaving.signal });
  const stays = pool.acquire();
  leaving.abort();
  await t.throwsAsync(gone, { code: 'CANCELLED' });
  await t.throwsAsync(pool.acquire({ signal: AbortSignal.abort() }), { code: 'CANCELLED' });
  t.is(pool.statistics.waiting, 1);
  lease.release(true);
  (await stays).release(true);
  t.is(pool.statistics.active, 0);
});

test('priority goes first where the pool is not fair', async (t) => {
  const { pool } = await world(t, { fairQueue: false, priorityAgeingMs: 60_000 });
  const lease = await pool.acquire();
  const order: string[] = [];
  const claims = (['low', 'normal', 'critical', 'high'] as const).map(async (priority) => {
    const got = await pool.acquire({ priority });
    order.push(priority);
    got.release(true);
  });
  lease.release(true);
  await Promise.all(claims);
  t.deepEqual(order, ['critical', 'high', 'normal', 'low']);
});

test('a session is given to others only as clean as it was', async (t) => {
  const { pool } = await world(t, { maxSize: 2 });
  const first = pool.use((session) => session.processId) as number;
  t.is(
    pool.use((session) => session.processId),
    first,
  );
  const dirty = await pool.acquire();
  t.is(dirty.session.processId, first);
  dirty.release(false);
  t.true(dirty.session.isClosed);
  const open = await pool.acquire();
  t.not(open.session.processId, first);
  await open.session.run({ sql: 'BEGIN', layout: 'count' }, () => undefined);
  open.release(true);
  t.true(open.session.isClosed);
  open.release(true);
  t.is(pool.statistics.active, 0);
});

test('more slots serve those who wait at once', async (t) => {
  const { pool, configure } = await world(t, {});
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  configure({ maxSize: 2 });
  (await waiting).release(true);
  lease.release(true);
  t.throws(() => configure({ minSize: 3, maxSize: 2 }), { code: 'DATA_EXCEPTION' });
});

test('a pool that closes refuses who waits', async (t) => {
  const { pool, other } = await world(t, {});
  const lease = await other.acquire();
  const waiting = pool.acquire();
  pool.close();
  await t.throwsAsync(waiting, { code: 'SERVICE_UNAVAILABLE' });
  await t.throwsAsync(pool.acquire(), { code: 'SERVICE_UNAVAILABLE' });
  lease.release(true);
  t.is(other.use(one), LENGTH);
});
