import test from 'ava';
import { copyPlaceOf, skipOptions, skippedRowsOf } from '../../../ts/util/copy-text.ts';

const PLACES: readonly (readonly [string, number, (string | undefined)?, string?])[] = [
  ['COPY t, line 3, column a: "x\ny"', 3, 'a', 'x\ny'],
  ['COPY t, line 3, column a: null input', 3, 'a', 'null input'],
  ['COPY t, line 3, column a: b: "x: "y""', 3, 'a: b', 'x: "y"'],
  ['COPY t, line 3, column "a": "x"', 3, '"a"', 'x'],
  ['COPY t, line 3, column a', 3, 'a'],
  ['COPY t, line 12: "1,2"', 12, undefined, '1,2'],
  ['COPY t, line 12', 12],
];

for (const [context, line, column, value] of PLACES) {
  test(`the place in ${JSON.stringify(context)}`, (t) => {
    t.deepEqual(copyPlaceOf(context), { line, column, value });
  });
}

test('a context without a line is no place', (t) => {
  t.is(copyPlaceOf(undefined), undefined);
  t.is(copyPlaceOf('SQL function "f" statement 1'), undefined);
});

test('the summary says how many lines were left out', (t) => {
  t.is(skippedRowsOf('3 rows were skipped due to data type incompatibility'), 3);
  t.is(skippedRowsOf('1 row was skipped due to data type incompatibility'), 1);
  t.is(skippedRowsOf('skipping row due to data type incompatibility'), undefined);
});

test('lines are left out up to a limit', (t) => {
  t.deepEqual(skipOptions(undefined), ['ON_ERROR ignore', 'LOG_VERBOSITY verbose']);
  t.is(skipOptions(5).at(-1), 'REJECT_LIMIT 5');
});
