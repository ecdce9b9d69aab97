import test from 'ava';
import { quoteIdentifier, quoteLiteral } from '../../../ts/util/quoting.ts';

test('quotes are doubled', (t) => {
  t.is(quoteLiteral("it's"), "'it''s'");
  t.is(quoteIdentifier('a "b"'), '"a ""b"""');
});

test('a backslash is one however the server reads strings', (t) => {
  t.is(quoteLiteral("\\'; DROP"), " E'\\\\''; DROP'");
});
