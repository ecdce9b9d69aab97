// The columns of a table that is yet to be made, from the first rows of its file.
import { TransferError } from '../transfer/transfer-error.ts';
import type { CsvValue } from './csv-records.ts';
import { type InferredType, typeOfColumn, typeOfText } from './infer-type.ts';

export interface InferredColumn {
  readonly name: string;
  readonly type: InferredType;
}

/** PostgreSQL's limit. */
const COLUMNS_MAX = 1_600;

/** True where the first record has names: none empty, none twice, none that is a value. */
export function looksLikeHeader(record: readonly CsvValue[]): boolean {
  const names = record.map((value) => value?.trim() ?? '');
  if (names.some((name) => name === '')) return false;
  const folded = names.map((name) => name.toLowerCase());
  if (folded.some((name, index) => folded.indexOf(name) !== index)) return false;
  return names.every((name) => typeOfText(name) === 'text');
}

/** `Miles per Gallon` is the column `miles_per_gallon`: a name that SQL takes without quotes. */
export function columnNameOf(name: string, index: number): string {
  const folded = name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  if (folded === '') return `column${index + 1}`;
  return /^\d/.test(folded) ? `_${folded}` : folded;
}

/** The columns' names of a header. Throws where two would have the same. */
export function columnNames(record: readonly CsvValue[]): string[] {
  const names = record.map((value, index) => columnNameOf(value ?? '', index));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new TransferError(`two columns would have the name ${JSON.stringify(twice)}`);
}

/** The columns of records. */
export function inferColumns(
  names: readonly string[],
  records: readonly (readonly CsvValue[])[],
  leavesOutBad: boolean,
): InferredColumn[] {
  if (names.length > COLUMNS_MAX) {
    throw new TransferError(`${names.length} columns; a table has at most ${COLUMNS_MAX}`);
  }
  return names.map((name, index) => ({
    name,
    type: typeOfColumn(
      records.map((record) => record[index] ?? null),
      leavesOutBad,
    ),
  }));
}
