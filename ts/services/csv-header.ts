import { RustyError } from '../errors/index.ts';

/** The longest header line. */
const HEADER_MAX_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface WithHeader {
  /** The names in the first line; empty where there is no line. */
  readonly names: readonly string[];
  /** All of the input from the first line on, without a byte order mark. */
  readonly input: AsyncIterable<Uint8Array>;
}

/** The fields of one line of CSV, quotes taken out. */
export function splitLine(line: string, delimiter: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const c = line[at] as string;
    if (isQuoted && c === '"' && line[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (c === '"') {
      isQuoted = !isQuoted;
    } else if (c === delimiter && !isQuoted) {
      fields.push(field);
      field = '';
    } else {
      field += c;
    }
  }
  fields.push(field);
  return fields;
}

/** Reads the names in the first line of a CSV file; the line stays in the input. */
export async function readHeader(
  source: AsyncIterable<Uint8Array>,
  delimiter: string,
): Promise<WithHeader> {
  const iterator = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let isDone = false;
  while (!head.includes(NEWLINE) && !isDone) {
    if (head.length > HEADER_MAX_BYTES) {
      throw RustyError.ofSqlstate(
        '22P04',
        `the header line is longer than ${HEADER_MAX_BYTES} bytes`,
      );
    }
    const next = await iterator.next();
    isDone = next.done === true;
    if (!isDone) head = Buffer.concat([head, next.value as Uint8Array]);
  }
  if (head.subarray(0, 3).equals(BYTE_ORDER_MARK)) head = head.subarray(3);
  const end = head.indexOf(NEWLINE);
  const line = head.toString('utf8', 0, end === -1 ? head.length : end).replace(/\r$/, '');
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    while (!isDone) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { names: line === '' ? [] : splitLine(line, delimiter), input: whole() };
}
