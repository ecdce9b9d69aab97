import { Collector, type Notice } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { type CopyPlace, copyPlaceOf, skipOptions, skippedRowsOf } from '../util/copy-text.ts';
import { quoteIdentifier, quoteLiteral } from '../util/quoting.ts';
import { readHeader } from './csv-header.ts';
import type { QueryService } from './query-service.ts';

/** The text formats that imports read and exports write. */
export type TransferFormat = 'csv' | 'tsv' | 'ndjson';

export interface ImportOptions {
  readonly schema: string | undefined;
  readonly table: string;
  readonly format: TransferFormat;
  /** The columns in the order of the fields; where absent those of the header, or all. */
  readonly columns: readonly string[] | undefined;
  /** The first line names columns; CSV and TSV only. */
  readonly hasHeader: boolean;
  readonly delimiter: string | undefined;
  readonly nullText: string | undefined;
  readonly onError: 'stop' | 'skip';
  /** With `skip`: more faulty lines than this end the import. */
  readonly rejectLimit: number | undefined;
}

/** A line that was left out. */
export interface Rejected {
  readonly line: number;
  readonly column?: string;
  readonly sqlstate: string;
  readonly reason: string;
}

export interface ImportReport {
  readonly accepted: number;
  readonly rejectedCount: number;
  /** The first of them. */
  readonly rejected: readonly Rejected[];
}

/** Lines that a report names; the rest are counted. */
export const REJECTED_SHOWN_MAX = 1000;

/** The answer to a COPY is a few members. */
const ANSWER_MAX_BYTES = 64 * 1024;

function rejectedOf(notices: readonly Notice[]): readonly Rejected[] {
  const rejected: Rejected[] = [];
  for (const { context, sqlstate, message: reason } of notices) {
    const place = copyPlaceOf(context);
    if (place === undefined) continue;
    if (rejected.length === REJECTED_SHOWN_MAX) break;
    rejected.push({ ...lineAndColumn(place), sqlstate, reason });
  }
  return rejected;
}

const lineAndColumn = ({ line, column }: CopyPlace): { line: number; column?: string } =>
  column === undefined ? { line } : { line, column };

/** How many lines the summary of a COPY says were skipped. */
function skippedOf(notices: readonly Notice[]): number {
  const counts = notices.map(({ message }) => skippedRowsOf(message));
  return counts.findLast((count) => count !== undefined) ?? 0;
}

function tableName(schema: string | undefined, table: string): string {
  const name = quoteIdentifier(table);
  return schema === undefined ? name : `${quoteIdentifier(schema)}.${name}`;
}

function formatOptions(options: ImportOptions): readonly string[] {
  const { format, hasHeader, nullText } = options;
  if (format === 'ndjson') return ['FORMAT ndjson'];
  const fields = ['FORMAT csv', `DELIMITER ${quoteLiteral(delimiterOf(options))}`];
  if (hasHeader) fields.push('HEADER true');
  if (nullText !== undefined) fields.push(`NULL ${quoteLiteral(nullText)}`);
  return fields;
}

/** The COPY that reads an import. */
export function copyFrom(options: ImportOptions): string {
  const { schema, table, columns, onError, rejectLimit } = options;
  const list = columns === undefined ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`;
  const copying = [...formatOptions(options)];
  if (onError === 'skip') copying.push(...skipOptions(rejectLimit));
  return `COPY ${tableName(schema, table)}${list} FROM STDIN WITH (${copying.join(', ')})`;
}

export interface ExportOptions {
  readonly schema: string | undefined;
  readonly table: string;
  readonly format: TransferFormat;
  readonly columns: readonly string[] | undefined;
  readonly hasHeader: boolean;
}

/** The COPY that writes an export. */
export function copyTo({ schema, table, format, columns, hasHeader }: ExportOptions): string {
  const list = columns === undefined ? '*' : columns.map(quoteIdentifier).join(', ');
  const source = `(SELECT ${list} FROM ${tableName(schema, table)})`;
  const header = hasHeader ? ', HEADER true' : '';
  const delimiter = format === 'tsv' ? `, DELIMITER ${quoteLiteral('\t')}` : '';
  const how = format === 'ndjson' ? 'FORMAT ndjson' : `FORMAT csv${delimiter}${header}`;
  return `COPY ${source} TO STDOUT WITH (${how})`;
}

/** The delimiter of fields; one byte. */
function delimiterOf({ format, delimiter }: ImportOptions): string {
  return delimiter ?? (format === 'tsv' ? '\t' : ',');
}

/** A header says which columns the fields are of, where the caller does not. */
async function withColumns(options: ImportOptions, input: AsyncIterable<Uint8Array>) {
  if (!options.hasHeader || options.format === 'ndjson') return { options, input };
  const { names, input: whole } = await readHeader(input, delimiterOf(options));
  const columns = options.columns ?? (names.length === 0 ? undefined : names);
  return { options: { ...options, columns }, input: whole };
}

/** Bytes into tables: one transaction an import, whatever becomes of its client. */
export class ImportService {
  readonly #queries: QueryService;

  constructor(queries: QueryService) {
    this.#queries = queries;
  }

  /**
   * Reads `input` into a table. With `stop` the first faulty line rejects the import, its place in
   * `details`, and nothing is in the table; with `skip` faulty lines are left out and reported.
   */
  async run(
    user: string,
    options: ImportOptions,
    input: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<ImportReport> {
    const answer = new Collector(ANSWER_MAX_BYTES);
    const named = await withColumns(options, input);
    const sql = copyFrom(named.options);
    const request = { sql, layout: 'objects', input: named.input, signal } as const;
    try {
      const { notices } = await this.#queries.run(user, request, answer.take);
      const { rowCount } = JSON.parse(`${answer.text()}}`) as { rowCount: number };
      const rejected = rejectedOf(notices);
      return { accepted: rowCount, rejectedCount: skippedOf(notices), rejected };
    } catch (error) {
      throw error instanceof RustyError ? withPlace(error) : error;
    }
  }
}

/** The error of a faulty line, with its place as a program reads it. */
function withPlace(error: RustyError): RustyError {
  const context = error.details?.context;
  const place = copyPlaceOf(typeof context === 'string' ? context : undefined);
  if (place === undefined) return error;
  return error.with({
    message: `line ${place.line}: ${error.message}`,
    details: { ...error.details, ...lineAndColumn(place) },
    position: undefined,
  });
}
