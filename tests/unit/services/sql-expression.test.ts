import test from 'ava';
import { expressionSql } from '../../../ts/services/tables/sql-expression.ts';

const GOOD = [
  '1',
  "'it''s'",
  "E'a\\'b'",
  "now() - interval '1 day'",
  '(a > 0) AND ("b)" IS NULL)',
  "$$a ; ) ' $$ || $x$ -- $$ $x$",
  'a[1] + b[(2)]',
  "'--' || '/*' || ';'",
  'a - -1',
  "E'a\\'\\\\' || 'b'",
  "E'a'\n  'b\\' ) '",
];

const BAD: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /empty/],
  ['  ', /empty/],
  ['1)', /unmatched \)/],
  ['(1', /unmatched \(/],
  ['(1]', /unmatched \]/],
  ['1; SELECT 2', /more than one statement/],
  ['1 -- x', /comments/],
  ['1 /* x */', /comments/],
  ["'open", /quote is not closed/],
  ["E'open\\'", /quote is not closed/],
  ["E'a'\n'b\\'", /quote is not closed/],
  ['$$ open', /quote is not closed/],
  ['$a$ open $b$', /quote is not closed/],
  ['"open', /quote is not closed/],
  ["E'a\\'' ) evil ( '", /unmatched \)/],
  ["E'a'\n'\\'' ) evil ( '", /unmatched \)/],
  ["'a' || $$ open )", /quote is not closed/],
];

for (const text of GOOD) {
  test(`an expression: ${text}`, (t) => {
    t.notThrows(() => expressionSql('default', text));
  });
}

for (const [text, why] of BAD) {
  test(`no expression: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => expressionSql('default', text), { message: why });
  });
}
