import test from 'ava';
import { systemClock } from '../../../ts/util/clock.ts';

test('time goes on, and timers run until they are cancelled', async (t) => {
  const before = systemClock.monotonicMs();
  t.true(systemClock.wallMs() > 1_700_000_000_000);
  let ran = 0;
  const cancelled = systemClock.after(0, () => {
    ran += 100;
  });
  cancelled.cancel();
  cancelled.cancel();
  const keepAlive = setInterval(() => {}, 1000);
  await new Promise<void>((resolve) => {
    const periodic = systemClock.every(1, () => {
      ran += 1;
      if (ran === 3) {
        periodic.cancel();
        systemClock.after(0, resolve);
      }
    });
  });
  clearInterval(keepAlive);
  t.is(ran, 3);
  t.true(systemClock.monotonicMs() >= before);
});
