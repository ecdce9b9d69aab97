import test from 'ava';
import { csvRecords } from '../../../ts/terminal/import/csv-records.ts';
import { columnNames, looksLikeHeader } from '../../../ts/terminal/import/infer-columns.ts';
import { typeOfColumn, typeOfText, widen } from '../../../ts/terminal/import/infer-type.ts';
import { NdjsonRows } from '../../../ts/terminal/import/ndjson-rows.ts';
import { tableIdentifier } from '../../../ts/terminal/import/target-table.ts';
import { formatOfName, tableNameOf } from '../../../ts/terminal/transfer/format.ts';
import { bytesText, countText, progressLine } from '../../../ts/terminal/transfer/progress.ts';

test('types of texts', (t) => {
  for (const [text, type] of [
    ['0', 'bigint'],
    ['-12', 'bigint'],
    ['007', 'text'],
    ['1234567890123456789', 'numeric'],
    ['1.50', 'numeric'],
    ['.5', 'numeric'],
    ['1e5', 'double precision'],
    ['NaN', 'double precision'],
    ['true', 'boolean'],
    ['t', 'boolean'],
    ['F', 'text'],
    ['2024-02-29', 'date'],
    ['2023-02-29', 'text'],
    ['2024-01-02 03:04', 'timestamp'],
    ['2024-01-02T03:04:05.678Z', 'timestamptz'],
    ['2024-01-02T25:04:05', 'text'],
    ['123e4567-e89b-12d3-a456-426614174000', 'uuid'],
    ['{"a":1}', 'json'],
    ['{a}', 'text'],
    ['', 'text'],
  ] as const) {
    t.is(typeOfText(text), type, text);
  }
});

test('columns widen; where bad lines are left out nine in ten values decide', (t) => {
  t.is(widen('bigint', 'numeric'), 'numeric');
  t.is(widen('timestamptz', 'date'), 'timestamptz');
  t.is(widen('date', 'bigint'), 'text');
  const values = [...Array(19).fill('1'), '2.5', 'oops', null];
  t.is(typeOfColumn(values, false), 'text');
  t.is(typeOfColumn(values, true), 'numeric');
  t.is(typeOfColumn(['1', 'x'], true), 'text');
  t.is(typeOfColumn([null], false), 'text');
});

test('headers and names', (t) => {
  t.true(looksLikeHeader(['a', 'Horse Power']));
  t.false(looksLikeHeader(['a', '12']));
  t.false(looksLikeHeader(['a', 'A']));
  t.false(looksLikeHeader(['a', null]));
  t.deepEqual(columnNames(['Horse Power', 'größe', '2nd', null]), [
    'horse_power',
    'größe',
    '_2nd',
    'column4',
  ]);
  t.throws(() => columnNames(['a b', 'A_B']), { message: /two columns would have the name "a_b"/ });
  t.is(tableNameOf('/x/2021 Flights.csv.gz'), '2021_flights');
  t.is(formatOfName('a.jsonl.zst'), 'ndjson');
  t.is(formatOfName('a'), undefined);
  t.is(tableIdentifier('Sch."My T"'), '"sch"."My T"');
  t.throws(() => tableIdentifier('a.b.c'));
});

test('records of CSV: quotes, line ends, what is cut off', (t) => {
  const options = { delimiter: ',', quote: '"', nullText: '', isWhole: true, recordsMax: 10 };
  t.deepEqual(csvRecords('a,"b,""\r\n",c\r\n,"",x', options), [
    ['a', 'b,"\r\n', 'c'],
    [null, '', 'x'],
  ]);
  t.deepEqual(csvRecords('a,b\nc,', options), [
    ['a', 'b'],
    ['c', null],
  ]);
  t.deepEqual(csvRecords('a,b\nc,d', { ...options, isWhole: false }), [['a', 'b']]);
});

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('NDJSON becomes rows; line numbers stay those of the file', async (t) => {
  const text =
    '{"a":1,"b":"x\\ty\\\\"}\n\n{"a":[1,null,"q\\""]}\n{bad\n{"c":1}\n{"b":12345678901234567890}';
  for (const size of [1, 7, 1000]) {
    const rejects: (readonly [number, string])[] = [];
    const rows = new NdjsonRows({
      columns: [
        { key: 'a', isArray: true },
        { key: 'b', isArray: false },
      ],
      onReject: ({ line, reason }) => void rejects.push([line, reason.slice(0, 12)]),
    });
    const out: Buffer[] = [];
    for await (const piece of rows.rows(chunksOf(text, size))) out.push(piece);
    t.is(
      Buffer.concat(out).toString(),
      '1\tx\\ty\\\\\\\\\n{"1",NULL,"q\\\\""}\t\\N\n\\N\t12345678901234567890\n'.replace(
        '\\\\\\\\\n',
        '\\\\\n',
      ),
    );
    t.deepEqual(rejects, [
      [4, 'invalid JSON'],
      [5, 'no column fo'],
    ]);
    t.deepEqual(
      [1, 2, 3].map((row) => rows.lineOfRow(row)),
      [1, 3, 6],
    );
  }
});

test('NDJSON: a line that is too long is left out, those behind it keep their numbers', async (t) => {
  const text = `{"a":1}\n{"a":"${'x'.repeat(500)}"}\n{"a":3}\n{"a":"${'y'.repeat(500)}`;
  for (const size of [1, 50, 600]) {
    const rejects: (readonly [number, string])[] = [];
    const rows = new NdjsonRows({
      columns: [{ key: 'a', isArray: false }],
      onReject: ({ line, reason }) => void rejects.push([line, reason]),
      lineCharactersMax: 100,
    });
    const out: Buffer[] = [];
    for await (const piece of rows.rows(chunksOf(text, size))) out.push(piece);
    const [first] = rejects;
    if (size < 600) {
      t.is(Buffer.concat(out).toString(), '1\n3\n');
      t.deepEqual(first, [2, 'the line is longer than 100 characters']);
      t.is(rejects.length, 2);
      t.is(rejects[1]?.[0], 4);
      t.is(rows.lineOfRow(2), 3);
    }
  }
});

test('progress: part, rate and time left', (t) => {
  t.is(bytesText(1536), '1.5 KiB');
  t.is(countText(1_234_567), '1,234,567');
  const state = { rows: 50_000, bytes: 1024 * 1024, totalBytes: 4 * 1024 * 1024 };
  t.is(
    progressLine('x.csv', state, 2_000),
    'x.csv  [######..................]  25%  1.0 MiB  50,000 rows  25,000 rows/s  00:06 left',
  );
  t.is(
    progressLine('-', { ...state, totalBytes: undefined }, 61_000),
    '-  1.0 MiB  50,000 rows  820 rows/s  01:01',
  );
});
