/** A value of a record; null where nothing stands between two delimiters. */
export type CsvValue = string | null;

export interface CsvRecordsOptions {
  readonly delimiter: string;
  readonly quote: string;
  readonly nullText: string;
  /** The text is the whole file: its last record needs no line end. */
  readonly isWhole: boolean;
  readonly recordsMax: number;
}

/** One value from `at` on: the value, and where it ends; undefined where the text ends before. */
function readValue(
  text: string,
  at: number,
  { delimiter, quote, nullText }: CsvRecordsOptions,
): { value: CsvValue; end: number; isOpen: boolean } {
  let value = '';
  let wasQuoted = false;
  let isOpen = false;
  let index = at;
  for (; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (isOpen) {
      if (character !== quote) value += character;
      else if (text[index + 1] === quote) {
        value += quote;
        index += 1;
      } else isOpen = false;
    } else if (character === quote) {
      isOpen = true;
      wasQuoted = true;
    } else if (character === delimiter || character === '\n' || character === '\r') break;
    else value += character;
  }
  return { value: !wasQuoted && value === nullText ? null : value, end: index, isOpen };
}

/**
 * The first records of a CSV text, to look at: what the server reads it by its own rules. A record
 * that the text cuts off is left out.
 */
export function csvRecords(text: string, options: CsvRecordsOptions): CsvValue[][] {
  const records: CsvValue[][] = [];
  let record: CsvValue[] = [];
  let at = 0;
  while (at < text.length && records.length < options.recordsMax) {
    const { value, end, isOpen } = readValue(text, at, options);
    if (isOpen || (end >= text.length && !options.isWhole)) return records;
    record.push(value);
    const isLast = text[end] !== options.delimiter;
    at = end + 1;
    if (isLast) {
      if (text[end] === '\r' && text[end + 1] === '\n') at += 1;
      records.push(record);
      record = [];
    } else if (at >= text.length && options.isWhole) {
      records.push([...record, null]);
    }
  }
  return records;
}
