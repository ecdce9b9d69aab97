import test from 'ava';
import fc from 'fast-check';
import { AddressRules, rangeOf, rangeText } from '../../../ts/gateway/address-rules.ts';

const textOf = (text: string): string | undefined => {
  const range = rangeOf(text);
  return range === undefined ? undefined : rangeText(range);
};

test('ranges are read as people write them, and written in one way', (t) => {
  t.is(textOf('10.1.2.3/8'), '10.0.0.0/8');
  t.is(textOf('127.0.0.1'), '127.0.0.1/32');
  t.is(textOf('0.0.0.0/0'), '0.0.0.0/0');
  t.is(textOf('2001:DB8:0:0::1/32'), '2001:db8::/32');
  t.is(textOf('::1'), '::1/128');
  t.is(textOf('::/0'), '::/0');
  t.is(textOf('::ffff:10.1.2.3/104'), '10.0.0.0/8');
  t.is(textOf('64:ff9b::192.0.2.33'), '64:ff9b::c000:221/128');
});

test('what is no range is none', (t) => {
  for (const text of ['', 'a', '10.0.0.0/33', '::/129', '10.0.0/8', '1.2.3.4/-1', '1.2.3.4/8/8']) {
    t.is(textOf(text), undefined, text);
  }
  t.is(textOf('::ffff:10.1.2.3/95'), undefined);
});

test('the longest prefix decides, and of two alike the one that keeps out', (t) => {
  const rules = new AddressRules([
    { addresses: '10.0.0.0/8', action: 'deny' },
    { addresses: '10.1.0.0/16', action: 'allow' },
    { addresses: '10.1.1.0/24', action: 'allow' },
    { addresses: '10.1.1.0/24', action: 'deny' },
    { addresses: '2001:db8::/32', action: 'allow' },
  ]);
  t.false(rules.admits('10.2.0.1'));
  t.true(rules.admits('10.1.0.1'));
  t.true(rules.admits('::ffff:10.1.0.1'));
  t.false(rules.admits('10.1.1.1'));
  t.true(rules.admits('2001:db8:ffff::1%eth0'));
  // Somebody is let in by name: others are not.
  t.false(rules.admits('192.0.2.1'));
  t.false(rules.admits('::1'));
  t.false(rules.admits('nonsense'));
});

test('whom nothing matches is let in where what is allowed is but an exception', (t) => {
  const rules = new AddressRules([
    { addresses: '10.0.0.0/8', action: 'deny' },
    { addresses: '10.1.0.0/16', action: 'allow' },
  ]);
  t.true(rules.admits('10.1.0.1'));
  t.false(rules.admits('10.2.0.1'));
  t.true(rules.admits('192.0.2.1'));
  t.true(rules.admits('::1'));
  t.true(new AddressRules([]).admits('nonsense'));
});

test('an address is in a range exactly where its first bits are the same', (t) => {
  const byte = fc.nat(255);
  const prefix = fc.nat(32);
  fc.assert(
    fc.property(
      fc.tuple(byte, byte, byte, byte),
      fc.tuple(byte, byte, byte, byte),
      prefix,
      (range, address, length) => {
        const bits = (parts: readonly number[]) =>
          parts
            .map((part) => part.toString(2).padStart(8, '0'))
            .join('')
            .slice(0, length);
        const addresses = `${range.join('.')}/${length}`;
        const rules = new AddressRules([{ addresses, action: 'deny' }]);
        return rules.admits(address.join('.')) === (bits(range) !== bits(address));
      },
    ),
  );
  t.pass();
});
