import test from 'ava';
import fc from 'fast-check';
import { type BreakerPolicy, CircuitBreaker } from '../../../ts/util/circuit-breaker.ts';
import { CircuitBreakers } from '../../../ts/util/circuit-breakers.ts';
import { systemClock } from '../../../ts/util/clock.ts';

function world(policy: Partial<BreakerPolicy> = {}, probe?: () => Promise<unknown>) {
  const time = { nowMs: 1000 };
  const clock = { ...systemClock, monotonicMs: () => time.nowMs, wallMs: () => time.nowMs };
  const options = { name: 'hook', clock, policy, ...(probe === undefined ? {} : { probe }) };
  const breaker = new CircuitBreaker(options);
  const fail = (times: number): void => {
    for (let n = 0; n < times; n += 1) breaker.acquire().failed(new Error('down'));
  };
  const succeed = (times: number): void => {
    for (let n = 0; n < times; n += 1) breaker.acquire().succeeded();
  };
  return { time, clock, breaker, fail, succeed };
}

const OPEN = { message: 'circuit to hook is open' };

test('five failures in a row open it, one success between them does not', (t) => {
  const { breaker, fail, succeed } = world();
  fail(4);
  succeed(1);
  fail(4);
  t.is(breaker.state, 'closed');
  fail(1);
  t.is(breaker.state, 'open');
  const error = t.throws(() => breaker.acquire(), OPEN) as { retryAfterMs?: number };
  t.is(error.retryAfterMs, 30_000);
  t.is(breaker.report().calls.refused, 1);
  t.like(breaker.history[0], { from: 'closed', to: 'open', reason: 'failures in a row' });
  t.is(breaker.history[0]?.error, 'down');
});

test('a share of failures opens it, once there are enough calls in the window', (t) => {
  const { time, breaker, fail, succeed } = world({ minimumVolume: 10, failureRatio: 0.5 });
  for (let n = 0; n < 4; n += 1) {
    succeed(1);
    fail(1);
  }
  t.is(breaker.state, 'closed');
  // All of it is too old by then.
  time.nowMs += 10_000;
  for (let n = 0; n < 4; n += 1) {
    succeed(1);
    fail(1);
  }
  t.is(breaker.state, 'closed');
  succeed(1);
  fail(1);
  t.is(breaker.state, 'open');
  t.is(breaker.history[0]?.reason, 'share of failures');
});

test('after its time two calls are tried, whose success closes it', (t) => {
  const { time, breaker, fail } = world();
  fail(5);
  time.nowMs += 29_999;
  t.throws(() => breaker.acquire(), OPEN);
  time.nowMs += 1;
  const trials = [breaker.acquire(), breaker.acquire()];
  t.is(breaker.state, 'half-open');
  t.throws(() => breaker.acquire(), OPEN);
  trials[0]?.succeeded();
  t.is(breaker.state, 'half-open');
  trials[0]?.succeeded();
  t.is(breaker.state, 'half-open');
  trials[1]?.succeeded();
  t.is(breaker.state, 'closed');
  t.is(breaker.report().window.failures, 0);
});

test('a trial that fails opens it again, for as long', (t) => {
  const { time, breaker, fail } = world();
  fail(5);
  time.nowMs += 30_000;
  fail(1);
  t.is(breaker.state, 'open');
  time.nowMs += 29_999;
  t.throws(() => breaker.acquire(), OPEN);
  time.nowMs += 1;
  t.is(breaker.state, 'half-open');
});

test('what ends after its generation does not count', (t) => {
  const { time, breaker, fail, succeed } = world();
  const slow = Array.from({ length: 5 }, () => breaker.acquire());
  fail(5);
  time.nowMs += 30_000;
  t.is(breaker.state, 'half-open');
  for (const call of slow) call.failed();
  t.is(breaker.state, 'half-open');
  succeed(2);
  t.is(breaker.state, 'closed');
  t.is(breaker.report().calls.late, 5);
  t.is(breaker.report().consecutiveFailures, 0);
});

test('trials of which nobody hears are given up', (t) => {
  const { time, breaker, fail, succeed } = world();
  fail(5);
  time.nowMs += 30_000;
  breaker.acquire();
  breaker.acquire();
  time.nowMs += 29_999;
  t.throws(() => breaker.acquire(), OPEN);
  time.nowMs += 1;
  succeed(2);
  t.is(breaker.state, 'closed');
});

test('one that is tripped stays open until it is reset', (t) => {
  const { time, breaker } = world();
  breaker.trip();
  time.nowMs += 1_000_000;
  const error = t.throws(() => breaker.acquire(), OPEN) as { retryAfterMs?: number };
  t.is(error.retryAfterMs, undefined);
  t.is(breaker.report().retryAfterMs, null);
  breaker.reset();
  t.is(breaker.state, 'closed');
});

test('a test runs the probe, and what it comes to counts', async (t) => {
  let isUp = false;
  const { breaker, fail } = world({ successThreshold: 1 }, async () => {
    if (!isUp) throw new Error('still down');
  });
  fail(5);
  t.deepEqual(await breaker.test(), { probed: true, error: 'still down' });
  t.is(breaker.state, 'open');
  isUp = true;
  t.deepEqual(await breaker.test(), { probed: true, error: null });
  t.is(breaker.state, 'closed');
  const { breaker: bare, fail: failBare } = world();
  failBare(5);
  t.deepEqual(await bare.test(), { probed: false, error: null });
  t.is(bare.state, 'half-open');
});

test('a failure that is the caller’s own does not count', async (t) => {
  const { breaker } = world();
  const refused = (): Promise<never> => Promise.reject(new Error('bad request'));
  for (let n = 0; n < 9; n += 1) {
    await t.throwsAsync(breaker.run(refused, () => false));
  }
  t.is(breaker.state, 'closed');
});

test('its history is bounded, the newest first', (t) => {
  const { breaker } = world();
  for (let n = 0; n < 150; n += 1) {
    breaker.trip();
    breaker.reset();
  }
  t.is(breaker.history.length, 100);
  t.is(breaker.history[0]?.reason, 'reset');
  t.is(breaker.history[0]?.generation, 301);
});

test('breakers that are switched off try every call', (t) => {
  const time = { nowMs: 0 };
  const clock = { ...systemClock, monotonicMs: () => time.nowMs };
  let isEnabled = false;
  const breakers = new CircuitBreakers({ clock, isEnabled: () => isEnabled });
  const breaker = breakers.get('a');
  for (let n = 0; n < 99; n += 1) breaker.acquire().failed();
  t.is(breaker.state, 'closed');
  isEnabled = true;
  breaker.acquire().failed();
  t.is(breaker.state, 'open');
  isEnabled = false;
  t.notThrows(() => breaker.acquire());
  t.is(breakers.get('a'), breaker);
  t.throws(() => breakers.find('b'), { message: /not found/ });
  breakers.forget('a');
  t.is(breakers.list().length, 0);
});

test('whatever happens, an open breaker makes no call and no more are tried than may be', (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
    fc.record({ kind: fc.constantFrom('acquire' as const, 'succeed' as const, 'fail' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { time, breaker } = world({ failureThreshold: 3, successThreshold: 2 });
      const open: { generation: number; permit: ReturnType<typeof breaker.acquire> }[] = [];
      for (const one of steps) {
        if (one.kind === 'pass') time.nowMs += one.ms;
        const { state, generation } = breaker.report();
        if (one.kind === 'acquire') {
          try {
            const permit = breaker.acquire();
            if (state === 'open') return false;
            open.push({ generation: breaker.report().generation, permit });
          } catch {
            if (state === 'closed') return false;
          }
        }
        if (one.kind === 'succeed') open.shift()?.permit.succeeded();
        if (one.kind === 'fail') open.shift()?.permit.failed();
        const trials = open.filter((permit) => permit.generation === generation).length;
        if (breaker.report().state === 'half-open' && trials > 2) return false;
      }
      return true;
    }),
  );
  t.pass();
});
