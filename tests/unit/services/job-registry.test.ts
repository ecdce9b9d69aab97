import test from 'ava';
import { RustyError } from '../../../ts/errors/index.ts';
import { type JobControl, JobRegistry } from '../../../ts/services/jobs/job-registry.ts';
import { systemClock } from '../../../ts/util/clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function world(maxJobs = 3) {
  const time = { ms: 0 };
  let ids = 0;
  const registry = new JobRegistry({
    clock: { ...systemClock, monotonicMs: () => time.ms, wallMs: () => time.ms },
    newId: () => {
      ids += 1;
      return `job-${ids}`;
    },
    maxJobs,
    keptMs: 1000,
    toError: (thrown) =>
      thrown instanceof RustyError ? thrown : RustyError.of('INTERNAL_ERROR', {}),
  });
  const start = (run: (control: JobControl) => Promise<unknown>, owner = 'ann') =>
    registry.start({ kind: 'import', subject: 't', owner, requestId: 'r', run });
  return { registry, time, start };
}

/** Work that ends when it is told to. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let seen: JobControl | undefined;
  const run = (control: JobControl): Promise<unknown> => {
    seen = control;
    control.signal.addEventListener('abort', () => reject(new Error('aborted')));
    return promise;
  };
  return { run, resolve, reject, control: () => seen as JobControl };
}

test('a job goes from its start to its end', async (t) => {
  const { registry, time, start } = world();
  const one = work();
  const id = start(one.run);
  t.like(registry.get('ann', id), { state: 'running', progress: 0, finished: undefined });
  t.is(registry.get('ann', id).started, '1970-01-01T00:00:00.000Z');
  one.control().progress(0.5);
  one.control().progress(0.2);
  t.is(registry.get('ann', id).progress, 0.5);
  one.control().progress(7);
  t.true(registry.get('ann', id).progress < 1);
  t.is(registry.running, 1);
  time.ms = 5;
  one.resolve({ accepted: 3 });
  await turn();
  t.like(registry.get('ann', id), {
    state: 'succeeded',
    progress: 1,
    finished: '1970-01-01T00:00:00.005Z',
    result: { accepted: 3 },
    error: undefined,
  });
  t.is(registry.running, 0);
});

test('a job that fails says why, one that is cancelled that it was', async (t) => {
  const { registry, start } = world();
  const [failing, cancelled] = [work(), work()];
  const [first, second] = [start(failing.run), start(cancelled.run)];
  failing.reject(RustyError.of('NOT_FOUND', { what: 'x' }));
  registry.cancel('ann', second);
  t.is(registry.get('ann', second).state, 'cancelling');
  await turn();
  t.is(registry.get('ann', first).state, 'failed');
  t.is(registry.get('ann', first).error?.code, 'NOT_FOUND');
  t.is(registry.get('ann', second).state, 'cancelled');
  t.is(registry.get('ann', second).error?.message, 'canceled: the job, by request');
});

test('nobody but its owner has a job', (t) => {
  const { registry, start } = world();
  const one = work();
  const id = start(one.run);
  t.deepEqual(registry.list('bob'), []);
  t.throws(() => registry.get('bob', id), { message: /job-1/ });
  t.throws(() => registry.cancel('bob', id), { message: /job-1/ });
  t.false(one.control().signal.aborted);
  t.is(registry.list('ann').length, 1);
});

test('what ended makes room, at first what ended first; what runs does not', async (t) => {
  const { registry, time, start } = world(2);
  const [one, other] = [work(), work()];
  const [first, second] = [start(one.run), start(other.run)];
  t.throws(() => start(work().run), { message: /jobs that run exhausted \(limit 2\)/ });
  other.resolve(1);
  await turn();
  time.ms = 1;
  one.resolve(2);
  await turn();
  const third = start(work().run);
  t.deepEqual(
    registry.list('ann').map(({ id }) => id),
    [first, third],
  );
  t.throws(() => registry.get('ann', second));
  t.like(registry.fill(), { size: 2, cap: 2 });
});

test('what ended is forgotten after a while, or where its owner wants that', async (t) => {
  const { registry, time, start } = world();
  const [one, other] = [work(), work()];
  const [first, second] = [start(one.run), start(other.run)];
  one.resolve(1);
  other.resolve(2);
  await turn();
  registry.cancel('ann', first);
  t.throws(() => registry.get('ann', first));
  time.ms = 999;
  t.is(registry.get('ann', second).result, 2);
  time.ms = 1000;
  t.throws(() => registry.get('ann', second));
});

test('a server that stops ends all of them', async (t) => {
  const { registry, start } = world();
  const [one, other] = [work(), work()];
  start(one.run);
  start(other.run, 'bob');
  registry.cancelAll();
  await turn();
  t.is(registry.running, 0);
});
