import test from 'ava';
import type { Driver, Session } from '../../../ts/engine/index.ts';
import { SessionPool } from '../../../ts/pool/index.ts';
import { systemClock } from '../../../ts/util/clock.ts';
import { SharedCount } from '../../../ts/util/shared-count.ts';

function driver(): Driver & { open: number } {
  const self = {
    open: 0,
    connect: () => {
      self.open += 1;
      const session = {
        isClosed: false,
        close() {
          if (session.isClosed) return;
          session.isClosed = true;
          self.open -= 1;
        },
      };
      return session as unknown as Session;
    },
    statistics: () => ({}),
    close: () => undefined,
  };
  return self;
}

/** The pools of two threads, the main one's first, with at most `most` sessions together. */
function world(most: number) {
  const rooms = { sessions: SharedCount.room(2), idle: SharedCount.room(2) };
  const waitingRoom = SharedCount.room(2);
  const engine = driver();
  const said: string[] = [];
  const poolOf = (thread: number): SessionPool =>
    new SessionPool({
      driver: engine,
      clock: systemClock,
      user: 'u',
      database: 'd',
      clientAddress: 'http',
      maxSize: most,
      acquireTimeoutMs: 1_000_000,
      shared: {
        sessions: new SharedCount(rooms.sessions, thread, most),
        idle: new SharedCount(rooms.idle, thread),
        waiting: new SharedCount(waitingRoom, thread),
        onWait: () => said.push('wait'),
        onGiveUp: () => said.push('gave up'),
      },
    });
  return { main: poolOf(0), front: poolOf(1), engine, said };
}

test('a session that nobody uses on another thread goes to who waits', async (t) => {
  const { main, front, engine, said } = world(1);
  t.true(front.reserve());
  t.deepEqual(main.stats, { size: 1, idle: 1, waiting: 0 });
  const waiting = main.acquire();
  t.deepEqual(said, ['wait']);
  front.giveUpIdle();
  t.deepEqual(said, ['wait', 'gave up']);
  main.retry();
  const lease = await waiting;
  t.false(front.reserve());
  t.is(engine.open, 1);
  lease.release(true);
  t.deepEqual(main.stats, { size: 1, idle: 1, waiting: 0 });
});

test('one that is used there goes to who waits when it is given back', async (t) => {
  const { main, front, engine, said } = world(1);
  const lease = await front.acquire();
  const waiting = main.acquire();
  front.giveUpIdle();
  main.retry();
  t.is(main.stats.waiting, 1);
  lease.release(true);
  t.deepEqual(said, ['wait', 'gave up', 'gave up']);
  main.retry();
  t.false((await waiting).session.isClosed);
  t.is(engine.open, 1);
});

test('nobody is served before those who wait elsewhere', async (t) => {
  const { main, front } = world(2);
  const leases = [await main.acquire(), await main.acquire()];
  const waiting = main.acquire();
  t.false(front.reserve());
  leases[0]?.release(false);
  t.false((await waiting).session.isClosed);
  leases[1]?.release(false);
  t.true(front.reserve());
  const later = main.acquire();
  t.is(await front.use(async () => 7), 7);
  t.false(front.reserve());
  main.retry();
  t.false((await later).session.isClosed);
});

test('what is used at once needs no promise', async (t) => {
  const { main } = world(1);
  t.is(
    main.use(() => 7),
    7,
  );
  const thrown = t.throws(() =>
    main.use(() => {
      throw new Error('of the work');
    }),
  );
  t.is(thrown?.message, 'of the work');
  t.deepEqual(main.stats, { size: 1, idle: 1, waiting: 0 });
  t.is(await main.use(async () => 8), 8);
});

test('a session that is left dirty makes room for one that waits', async (t) => {
  const { main, engine } = world(1);
  const lease = await main.acquire();
  const waiting = main.acquire();
  lease.release(false);
  t.not((await waiting).session, lease.session);
  t.is(engine.open, 1);
});
