import test from 'ava';
import fc from 'fast-check';
import { BoundedMap } from '../../../ts/util/bounded-map.ts';
import { BoundedQueue } from '../../../ts/util/bounded-queue.ts';
import { nearest } from '../../../ts/util/nearest.ts';

test('a full map that refuses keeps what it has', (t) => {
  const map = new BoundedMap<string, number>({ name: 'm', cap: 2, whenFull: 'refuse' });
  t.true(map.set('a', 1) && map.set('b', 2));
  t.false(map.set('c', 3));
  t.true(map.set('a', 4));
  t.deepEqual(
    [...map.entries()],
    [
      ['a', 4],
      ['b', 2],
    ],
  );
  t.deepEqual(map.fill(), { name: 'm', size: 2, cap: 2, peak: 2, overflows: 1 });
});

test('a full map that evicts lets the least recently used go, and says so', (t) => {
  const gone: string[] = [];
  const map = new BoundedMap<string, number>({
    name: 'm',
    cap: 2,
    whenFull: 'evict-least-recent',
    onEvict: (key) => gone.push(key),
  });
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  t.true(map.set('c', 3));
  t.deepEqual(gone, ['b']);
  t.deepEqual([...map.keys()], ['a', 'c']);
  t.is(map.fill().overflows, 1);
});

test('a cap below one is refused', (t) => {
  t.throws(() => new BoundedMap({ name: 'm', cap: 0, whenFull: 'refuse' }), {
    message: /m: a cap/,
  });
  t.throws(() => new BoundedQueue({ name: 'q', cap: 1.5 }), { message: /q: a cap/ });
});

test('a queue is first in, first out, within its cap, for any order of calls', (t) => {
  const step = fc.oneof(
    fc.record({ call: fc.constant('push' as const), value: fc.nat(9) }),
    fc.record({ call: fc.constant('shift' as const), value: fc.constant(0) }),
    fc.record({ call: fc.constant('remove' as const), value: fc.nat(9) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(step, { maxLength: 200 }),
      (cap, steps) => {
        const queue = new BoundedQueue<number>({ name: 'q', cap });
        const model: number[] = [];
        for (const { call, value } of steps) {
          if (call === 'push') {
            t.is(queue.push(value), model.length < cap);
            if (model.length < cap) model.push(value);
          } else if (call === 'shift') {
            t.is(queue.shift(), model.shift());
          } else {
            const place = model.indexOf(value);
            const expected = place === -1 ? undefined : model.splice(place, 1)[0];
            t.is(
              queue.remove((entry) => entry === value),
              expected,
            );
          }
          t.is(queue.size, model.length);
          t.is(queue.peek(), model[0]);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('the nearest word, or none', (t) => {
  t.is(nearest('network.prot', ['network.port', 'api.port']), 'network.port');
  t.is(nearest('zzzzzzzz', ['network.port']), undefined);
  t.is(nearest('x', []), undefined);
});
