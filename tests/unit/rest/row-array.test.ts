import test from 'ava';
import fc from 'fast-check';
import { RowArray } from '../../../ts/rest/row-array.ts';

/** An answer of the layout `objects`, left open as the engine leaves it. */
function answerOf(rows: readonly unknown[]): string {
  const columns = [{ name: '],"rows":[', type: 'jsonb', nullable: true }];
  const list = rows.map((row) => JSON.stringify(row)).join(',');
  return `{"columns":${JSON.stringify(columns)},"rows":[${list}],"rowCount":${rows.length},"command":"SELECT"`;
}

/** Pieces of so many bytes. */
function cut(text: string, size: number): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

const row = fc.dictionary(
  fc.string(),
  fc.oneof(fc.jsonValue(), fc.constant(['],"rowCount":7']), fc.constant({ rowCount: [] })),
);

test('the rows of answers are one array, however they are cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 2000 }),
      (answers, size) => {
        const array = new RowArray();
        const given: Buffer[] = [];
        for (const rows of answers) {
          // The bytes are lent: what is kept must not change with them.
          for (const piece of cut(answerOf(rows), size)) {
            given.push(Buffer.from(array.push(piece)));
            piece.fill(0);
          }
          given.push(Buffer.from(array.end()));
        }
        const expected = answers.flat();
        t.is(array.rows, expected.length);
        t.deepEqual(JSON.parse(`[${Buffer.concat(given)}]`), JSON.parse(JSON.stringify(expected)));
      },
    ),
  );
});
