import test from 'ava';
import { SharedCount } from '../../../ts/util/shared-count.ts';

test('all threads together have no more than the cap', (t) => {
  const memory = SharedCount.room(3);
  const [main, front] = [new SharedCount(memory, 0, 3), new SharedCount(memory, 2, 3)];
  t.deepEqual(
    [main.enter(), front.enter(), front.enter(), main.enter()],
    [true, true, true, false],
  );
  t.deepEqual([main.own, front.own, main.total], [1, 2, 3]);
  front.leave();
  t.true(main.enter());
  t.false(front.enter());
});

test('what a thread had that ended is free again', (t) => {
  const memory = SharedCount.room(2);
  const [main, front] = [new SharedCount(memory, 0, 2), new SharedCount(memory, 1, 2)];
  front.add();
  front.add();
  t.false(main.enter());
  main.forget(1);
  t.true(main.enter());
  t.is(front.total, 1);
});
