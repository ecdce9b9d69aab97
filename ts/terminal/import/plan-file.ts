// How one file is loaded: its format, whether it has a header, which columns its values go to, and
// what a table for it would look like.
import {
  type CsvShape,
  csvCopyOptions,
  type FileFormat,
  formatOfName,
} from '../transfer/format.ts';
import { TransferError } from '../transfer/transfer-error.ts';
import { type CsvValue, csvRecords } from './csv-records.ts';
import type { ImportOptions } from './import-options.ts';
import {
  columnNameOf,
  columnNames,
  type InferredColumn,
  inferColumns,
  looksLikeHeader,
} from './infer-columns.ts';
import { jsonText, type NdjsonColumn, parseObject } from './ndjson-rows.ts';
import type { Input } from './open-input.ts';
import type { TargetColumn } from './target-table.ts';

/** The part of a file that is looked at. */
const SAMPLE_BYTES = 1024 * 1024;
const SAMPLE_ROWS = 10_000;
/** The start of a file that tells an array from objects. */
const SHOWN_BYTES = 200;
/** The share of values that may be bad where bad lines are left out. */
const BAD_SHARE = 0.1;

export interface FilePlan {
  /** The columns of the table, in the order of the file's values; undefined takes all as they are. */
  readonly columns: readonly string[] | undefined;
  /** The options of COPY. */
  readonly copyOptions: readonly string[];
  /**
   * Of NDJSON whose keys are not named as the columns: how objects become rows. What needs no other
   * names goes to the server as it is.
   */
  readonly ndjson: readonly NdjsonColumn[] | undefined;
  /** The columns of a table for this file. */
  readonly inferred: readonly InferredColumn[];
}

/** The format of a file: as asked for, else by its name, else CSV. */
function formatOf(input: Input, options: ImportOptions): FileFormat {
  return options.format ?? formatOfName(input.name) ?? 'csv';
}

/** The column of the table that a name of the file means: the same, else the same when folded. */
function findColumn(
  table: readonly TargetColumn[],
  name: string,
  index: number,
): TargetColumn | undefined {
  const folded = columnNameOf(name, index);
  return (
    table.find((column) => column.name === name) ??
    table.find(
      (column) => column.name === folded || column.name.toLowerCase() === name.toLowerCase(),
    )
  );
}

function unknownColumn(input: Input, name: string, table: readonly TargetColumn[]): TransferError {
  const known = table.map((column) => column.name).join(', ');
  return new TransferError(
    `${input.name}: the table has no column for ${JSON.stringify(name)}; its columns are ${known}`,
  );
}

function shapeOf(format: FileFormat, options: ImportOptions): CsvShape {
  const delimiter = options.delimiter ?? (format === 'tsv' ? '\t' : ',');
  return { delimiter, quote: options.quote, nullText: options.nullText };
}

function hasHeader(
  first: readonly CsvValue[],
  table: readonly TargetColumn[] | undefined,
  options: ImportOptions,
): boolean {
  if (options.header !== undefined) return options.header;
  if (table === undefined) return looksLikeHeader(first);
  return first.every(
    (name, index) => name !== null && findColumn(table, name, index) !== undefined,
  );
}

async function planCsv(
  input: Input,
  format: FileFormat,
  table: readonly TargetColumn[] | undefined,
  options: ImportOptions,
): Promise<FilePlan> {
  const sample = await input.peek(SAMPLE_BYTES);
  const shape = shapeOf(format, options);
  const records = csvRecords(sample.toString('utf8'), {
    ...shape,
    isWhole: sample.length < SAMPLE_BYTES,
    recordsMax: SAMPLE_ROWS,
  });
  const [first] = records;
  if (first === undefined) {
    if (table === undefined) throw new TransferError(`${input.name}: no rows to find columns in`);
    const copyOptions = csvCopyOptions(shape, options.header === true);
    return { columns: options.columns, copyOptions, ndjson: undefined, inferred: [] };
  }
  const isHeader = hasHeader(first, table, options);
  const copyOptions = csvCopyOptions(shape, isHeader);
  const rows = isHeader ? records.slice(1) : records;
  const named = isHeader ? first : first.map(() => null);
  if (table === undefined) {
    const names = options.columns ?? columnNames(named);
    const inferred = inferColumns(names, rows, options.onError === 'skip');
    return { columns: names, copyOptions, ndjson: undefined, inferred };
  }
  const columns = isHeader
    ? first.map((name, index) => {
        const column = findColumn(table, name ?? '', index);
        if (column === undefined && options.columns === undefined) {
          throw unknownColumn(input, name ?? '', table);
        }
        return column?.name ?? '';
      })
    : undefined;
  return { columns: options.columns ?? columns, copyOptions, ndjson: undefined, inferred: [] };
}

/** The objects of a sample; lines that are none are left to the import itself. */
function sampleObjects(sample: Buffer): Readonly<Record<string, unknown>>[] {
  const lines = sample.toString('utf8').split('\n');
  if (sample.length >= SAMPLE_BYTES) lines.pop();
  return lines.slice(0, SAMPLE_ROWS).flatMap((line) => {
    if (line.trim() === '') return [];
    try {
      return [parseObject(line)];
    } catch {
      return [];
    }
  });
}

async function planNdjson(
  input: Input,
  table: readonly TargetColumn[] | undefined,
  options: ImportOptions,
): Promise<FilePlan> {
  const sample = await input.peek(SAMPLE_BYTES);
  if (/^\s*\[/.test(sample.toString('utf8', 0, SHOWN_BYTES))) {
    throw new TransferError(
      `${input.name}: a JSON array; expected is an object a line, as jq -c '.[]' makes of it`,
    );
  }
  const objects = sampleObjects(sample);
  const seen: Record<string, true> = Object.create(null);
  for (const object of objects) for (const key in object) seen[key] = true;
  const keys = options.columns ?? Object.keys(seen);
  if (keys.length === 0 && table === undefined) {
    throw new TransferError(`${input.name}: no objects to find columns in`);
  }
  if (table === undefined) {
    const names = options.columns ?? columnNames(keys);
    const records = objects.map((object) => keys.map((key) => jsonText(object[key], false)));
    const leavesOutBad = options.onError === 'skip';
    const inferred = inferColumns(names, records, leavesOutBad).map((column, index) => {
      const key = keys[index] ?? '';
      const strings = objects.filter((object) => typeof object[key] === 'string').length;
      // Of text that looks like a number the file says that it is text.
      const isText = strings > (leavesOutBad ? objects.length * BAD_SHARE : 0);
      return isText ? { ...column, type: widenedForText(column.type) } : column;
    });
    const ndjson = keys.map((key) => ({ key, isArray: false }));
    return { columns: names, inferred, ...ndjsonWay(names, ndjson) };
  }
  const found = (keys.length > 0 ? keys : table.map(({ name }) => name)).map((key, index) => {
    const column = findColumn(table, key, index);
    if (column === undefined) throw unknownColumn(input, key, table);
    return { key, column };
  });
  const columns = found.map(({ column }) => column.name);
  const ndjson = found.map(({ key, column }) => ({ key, isArray: column.isArray }));
  return { columns, inferred: [], ...ndjsonWay(columns, ndjson) };
}

/** By the server where keys and columns have the same names, else row by row here. */
function ndjsonWay(
  names: readonly string[],
  ndjson: readonly NdjsonColumn[],
): Pick<FilePlan, 'copyOptions' | 'ndjson'> {
  const isSame = ndjson.every(({ key }, index) => key === names[index]);
  if (isSame) return { copyOptions: ['FORMAT ndjson'], ndjson: undefined };
  return { copyOptions: ['FORMAT text'], ndjson };
}

function widenedForText(type: InferredColumn['type']): InferredColumn['type'] {
  return /^(bigint|numeric|double precision|boolean|json)$/.test(type) ? 'text' : type;
}

/** Looks at the start of a file and says how it is loaded. Throws `TransferError`. */
export function planFile(
  input: Input,
  table: readonly TargetColumn[] | undefined,
  options: ImportOptions,
): Promise<FilePlan> {
  const format = formatOf(input, options);
  return format === 'ndjson'
    ? planNdjson(input, table, options)
    : planCsv(input, format, table, options);
}
