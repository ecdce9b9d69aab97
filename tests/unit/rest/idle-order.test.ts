import test from 'ava';
import { IdleOrder, type Idling } from '../../../ts/rest/idle-order.ts';

class One implements Idling {
  idleSinceMs: number | undefined;
  isOpen = true;

  constructor(idleSinceMs: number | undefined) {
    this.idleSinceMs = idleSinceMs;
  }

  destroy(): void {
    this.isOpen = false;
  }
}

test('the longest idle goes first, whoever was used meanwhile is spared', (t) => {
  const all = [new One(30), new One(10), new One(undefined), new One(20)];
  const [thirty, ten, busy, twenty] = all as [One, One, One, One];
  const order = new IdleOrder(() => all.filter(({ isOpen }) => isOpen));
  t.true(order.closeLongest());
  t.deepEqual(
    all.map(({ isOpen }) => isOpen),
    [true, false, true, true],
  );
  t.false(ten.isOpen);
  // It was used since the order was made.
  twenty.idleSinceMs = 40;
  t.true(order.closeLongest());
  t.false(thirty.isOpen);
  t.true(order.closeLongest());
  t.false(twenty.isOpen);
  t.false(order.closeLongest());
  t.true(busy.isOpen);
});
