import test from 'ava';
import { faultOfRange, parseRange, withRange } from '../../../ts/rest/row-range.ts';
import { parseRowQuery } from '../../../ts/services/rows/parse-row-query.ts';

const RANGES: readonly (readonly [
  header: string,
  query: string,
  offset: number,
  limit?: number,
])[] = [
  ['0-24', '', 0, 25],
  ['items=5-5', '', 5, 1],
  ['10-', '', 10],
  ['0-9', 'offset=5&limit=10', 5, 5],
  ['10-19', 'offset=5&limit=20', 10, 10],
  ['10-19', 'offset=15', 15, 5],
  ['0-9', 'offset=50', 50, 0],
  ['0-9', 'limit=3', 0, 3],
];

for (const [range, text, offset, limit] of RANGES) {
  test(`range ${range} of ?${text}`, (t) => {
    const query = withRange(parseRowQuery(new URLSearchParams(text)), parseRange({ range }));
    t.is(query.offset, offset);
    t.is(query.limit, limit);
  });
}

test('a range of another unit is none', (t) => {
  t.is(parseRange({ range: 'bytes=0-5' }), undefined);
  t.is(parseRange({ range: '0-5', 'range-unit': 'bytes' }), undefined);
  t.is(faultOfRange(parseRange({ range: '5-5' })), undefined);
  t.regex(faultOfRange(parseRange({ range: '5-2' }))?.message ?? '', /ends before it begins/);
});
