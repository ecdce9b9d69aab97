import { basename } from 'node:path';
import { RustyError } from '../../errors/index.ts';
import { quoteLiteral } from '../../util/quoting.ts';

/** What rows look like in a file. TSV is CSV with tabs. */
export type FileFormat = 'csv' | 'tsv' | 'ndjson';

const EXTENSIONS: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  txt: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'ndjson',
};

const COMPRESSED = /\.(gz|zst)$/i;

/** The format that the name of a file promises; undefined where it promises none. */
export function formatOfName(path: string): FileFormat | undefined {
  const extension = /\.([^.]+)$/.exec(basename(path).replace(COMPRESSED, ''))?.[1];
  return extension === undefined ? undefined : EXTENSIONS[extension.toLowerCase()];
}

export function parseFormat(text: string): FileFormat {
  if (text === 'csv' || text === 'tsv' || text === 'ndjson') return text;
  const what = `--format = ${JSON.stringify(text)}: allowed are csv, tsv, ndjson`;
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

/** `2021 Flights.csv.gz` is the table `2021_flights`. */
export function tableNameOf(path: string): string {
  const name = basename(path)
    .replace(COMPRESSED, '')
    .replace(/\.[^.]+$/, '');
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/** How values stand in CSV and TSV. */
export interface CsvShape {
  readonly delimiter: string;
  readonly quote: string;
  readonly nullText: string;
}

/** The options of a COPY statement for such a file. */
export function csvCopyOptions(shape: CsvShape, hasHeader: boolean): string[] {
  return [
    'FORMAT csv',
    `HEADER ${hasHeader}`,
    `DELIMITER ${quoteLiteral(shape.delimiter).trim()}`,
    ...(shape.quote === '"' ? [] : [`QUOTE ${quoteLiteral(shape.quote).trim()}`]),
    ...(shape.nullText === '' ? [] : [`NULL ${quoteLiteral(shape.nullText).trim()}`]),
  ];
}
