import test from 'ava';
import type { Session, TakeBytes } from '../../../ts/engine/index.ts';
import type { SessionPool } from '../../../ts/pool/index.ts';
import { QueryService } from '../../../ts/services/query-service.ts';
import { systemClock } from '../../../ts/util/clock.ts';

/** A session that answers a byte; `work` is what happens meanwhile. */
function world(work: () => void = () => undefined) {
  const seen = { closed: 0, nowMs: 0 };
  const session = {
    isClosed: false,
    cancel: () => undefined,
    close() {
      seen.closed += 1;
    },
    async run(_request: unknown, take: TakeBytes) {
      await take(Buffer.from('x'));
      work();
      return { notices: [], noticesDropped: 0, isInTransaction: false };
    },
  } as unknown as Session;
  const queries = new QueryService({
    pool: {
      use: (work: (session: Session) => unknown) => work(session),
    } as unknown as SessionPool,
    clock: { ...systemClock, monotonicMs: () => seen.nowMs },
    newId: () => 'q',
    maxActive: 1,
  });
  return { queries, seen };
}

const request = { sql: 'SELECT 1', layout: 'objects' } as const;

test('a session whose statement ran undisturbed goes on', async (t) => {
  const { queries, seen } = world();
  await queries.run('u', { ...request, timeoutMs: 5 }, async () => undefined);
  t.is(seen.closed, 0);
});

test('one that was interrupted, perhaps too late, meets no other statement', async (t) => {
  const gone = new AbortController();
  const left = world(() => gone.abort());
  await left.queries.run('u', { ...request, signal: gone.signal }, () => undefined);
  t.is(left.seen.closed, 1);
  const cancelled = world(() => cancelled.queries.cancel('q'));
  await cancelled.queries.run('u', request, () => undefined);
  t.is(cancelled.seen.closed, 1);
  const late = world(() => {
    late.seen.nowMs = 5;
  });
  await late.queries.run('u', { ...request, timeoutMs: 5 }, () => undefined);
  t.is(late.seen.closed, 1);
});

test('nor one whose answer nobody took', async (t) => {
  const throws = () => {
    throw new Error('gone');
  };
  for (const take of [throws, async () => throws()]) {
    const { queries, seen } = world();
    await t.throwsAsync(async () => queries.run('u', request, take), { message: 'gone' });
    t.is(seen.closed, 1);
  }
});

test('a statement that waits for nothing has ended when the call returns', (t) => {
  const end = { notices: [], noticesDropped: 0, isInTransaction: false };
  const session = {
    run(_request: unknown, take: TakeBytes) {
      take(Buffer.from('x'));
      return end;
    },
  } as unknown as Session;
  const queries = new QueryService({
    pool: {
      use: (work: (session: Session) => unknown) => work(session),
    } as unknown as SessionPool,
    clock: { ...systemClock, monotonicMs: () => 0 },
    newId: () => 'q',
    maxActive: 1,
  });
  const taken: string[] = [];
  const answer = queries.run('u', request, (bytes) => {
    taken.push(bytes.toString());
  });
  t.deepEqual(answer, { ...end, queryId: 'q', executionTimeMs: 0 });
  t.deepEqual(taken, ['x']);
  t.deepEqual(queries.list(), []);
});
