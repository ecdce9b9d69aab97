// Breaks lines of the largest public CSV file at hand in ten ways, by a seed.
//
//     node tests/bad-csv/break.ts [SEED] > broken.csv      the lines go to standard error
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../support/random.ts';

const SOURCE = join(import.meta.dirname, '../../node_modules/vega-datasets/data/zipcodes.csv');

/** The table that the file fits. */
export const TABLE = `(
  zip_code text PRIMARY KEY,
  latitude numeric(9, 6) NOT NULL CHECK (latitude BETWEEN -90 AND 90),
  longitude numeric(9, 6) NOT NULL,
  city text NOT NULL,
  state char(2) NOT NULL,
  county text
)`;

/** A line that was broken. */
export interface Broken {
  /** Counted from 1, the header being line 1. */
  readonly line: number;
  readonly way: string;
  /** What the reason must say. */
  readonly reason: RegExp;
}

interface Way {
  readonly name: string;
  readonly reason: RegExp;
  /** The line's fields made wrong, as bytes in Latin 1. */
  make(fields: string[], keyBefore: string): string;
}

const set = (fields: string[], at: number, value: string): string =>
  fields.with(at, value).join(',');

const WAYS: readonly Way[] = [
  {
    name: 'a quote left open at the start of a field',
    reason: /unterminated CSV quoted field|missing data for column/,
    make: (fields) => set(fields, 3, `"${fields[3]}`),
  },
  {
    name: 'a lone quote within a field',
    reason: /unterminated CSV quoted field|missing data for column/,
    make: (fields) => set(fields, 5, `${fields[5]}"x`),
  },
  {
    name: 'a field too few',
    reason: /missing data for column "county"/,
    make: (fields) => fields.slice(0, 5).join(','),
  },
  {
    name: 'a field too many',
    reason: /extra data after last expected column/,
    make: (fields) => `${fields.join(',')},more`,
  },
  {
    name: 'a NUL byte',
    reason: /invalid byte sequence for encoding "UTF8"/,
    make: (fields) => set(fields, 3, `${fields[3]}\0`),
  },
  {
    name: 'another encoding',
    reason: /invalid byte sequence for encoding "UTF8"/,
    make: (fields) => set(fields, 3, `${fields[3]}\xe9`),
  },
  {
    name: 'a word for a number',
    reason: /invalid input syntax for type numeric: "north"/,
    make: (fields) => set(fields, 1, 'north'),
  },
  {
    name: 'a number that does not fit',
    reason: /numeric field overflow/,
    make: (fields) => set(fields, 2, '-123456.7'),
  },
  {
    name: 'no value where there must be one',
    reason: /null value in column "city" .* violates not-null constraint/,
    make: (fields) => set(fields, 3, ''),
  },
  {
    name: 'a key that is there already',
    reason: /duplicate key value violates unique constraint/,
    make: (fields, keyBefore) => set(fields, 0, keyBefore),
  },
];

/** The file with 50 broken lines, and which ones they are, in their order. */
export function breakLines(seed: number): {
  readonly file: Buffer;
  readonly broken: readonly Broken[];
} {
  const random = new Random(seed);
  const lines = readFileSync(SOURCE, 'latin1').trimEnd().split('\n');
  const chosen = random.some(lines.map((_, at) => at).slice(2, -1), 50);
  const broken = chosen.map((at, number): Broken => {
    const way = WAYS[number % WAYS.length] as Way;
    const keyBefore = lines[1]?.split(',')[0] ?? '';
    lines[at] = way.make((lines[at] ?? '').split(','), keyBefore);
    return { line: at + 1, way: way.name, reason: way.reason };
  });
  broken.sort((a, b) => a.line - b.line);
  return { file: Buffer.from(`${lines.join('\n')}\n`, 'latin1'), broken };
}

if (import.meta.main) {
  const { file, broken } = breakLines(Number(process.argv[2] ?? 1));
  process.stdout.write(file);
  for (const { line, way } of broken) process.stderr.write(`line ${line}: ${way}\n`);
}
