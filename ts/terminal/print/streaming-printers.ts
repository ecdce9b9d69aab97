// The formats that write each row as it comes and hold nothing back: unaligned, CSV and JSON.
import type { PrintOptions } from './print-options.ts';
import {
  type Cell,
  type Column,
  countFooter,
  type TablePrinter,
  type TextSink,
} from './table-printer.ts';

/** `psql -A`: values between separators, nothing quoted. */
export class UnalignedPrinter implements TablePrinter {
  readonly #options: Readonly<PrintOptions>;
  readonly #columns: readonly Column[];
  readonly #sink: TextSink;
  #rows = 0;
  #needsSeparator = false;

  constructor(options: Readonly<PrintOptions>, columns: readonly Column[], sink: TextSink) {
    this.#options = options;
    this.#columns = columns;
    this.#sink = sink;
    const { tuplesOnly, title, fieldSeparator, expanded } = options;
    if (tuplesOnly) return;
    if (title !== undefined) this.#record(title);
    if (expanded === 'on') return;
    this.#record(columns.map(({ name }) => name).join(fieldSeparator));
  }

  row(cells: readonly Cell[]): void {
    const { fieldSeparator, recordSeparator, nullText, expanded } = this.#options;
    this.#rows += 1;
    if (cells.length === 0) return; // as psql: a row without columns is not shown
    if (expanded !== 'on') {
      this.#record(cells.map((cell) => cell ?? nullText).join(fieldSeparator));
      return;
    }
    if (this.#needsSeparator) this.#sink.write(recordSeparator);
    for (const [index, cell] of cells.entries()) {
      this.#record(`${this.#columns[index]?.name}${fieldSeparator}${cell ?? nullText}`);
    }
  }

  finish(footers?: readonly string[]): void {
    const { tuplesOnly, footer, recordSeparator, expanded } = this.#options;
    const isExpanded = expanded === 'on';
    if (!tuplesOnly) {
      const counts = footer && !isExpanded;
      const lines = footers ?? (counts ? [countFooter(this.#rows)] : []);
      if (isExpanded && this.#rows > 0 && lines.length > 0) this.#sink.write(recordSeparator);
      for (const line of lines) this.#record(line);
    }
    if (this.#needsSeparator) this.#sink.write(recordSeparator === '\0' ? '\0' : '\n');
  }

  #record(text: string): void {
    this.#sink.write(this.#needsSeparator ? this.#options.recordSeparator + text : text);
    this.#needsSeparator = true;
  }
}

/** CSV as RFC 4180 has it, with line feeds. */
export class CsvPrinter implements TablePrinter {
  readonly #options: Readonly<PrintOptions>;
  readonly #columns: readonly Column[];
  readonly #sink: TextSink;

  constructor(options: Readonly<PrintOptions>, columns: readonly Column[], sink: TextSink) {
    this.#options = options;
    this.#columns = columns;
    this.#sink = sink;
    if (options.tuplesOnly || options.expanded === 'on') return;
    this.#record(columns.map(({ name }) => name));
  }

  row(cells: readonly Cell[]): void {
    const texts = cells.map((cell) => cell ?? this.#options.nullText);
    if (this.#options.expanded !== 'on') this.#record(texts);
    else {
      for (const [index, text] of texts.entries()) {
        this.#record([this.#columns[index]?.name ?? '', text]);
      }
    }
  }

  finish(): void {}

  #record(texts: readonly string[]): void {
    const { csvSeparator } = this.#options;
    this.#sink.write(`${texts.map((text) => csvField(text, csvSeparator)).join(csvSeparator)}\n`);
  }
}

/** A field with quotes where it needs them. */
export function csvField(text: string, separator: string): string {
  const needsQuotes = /["\r\n]/.test(text) || text.includes(separator) || text === '\\.';
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}

const BOOLEAN = 16;
const NUMBERS = [20, 21, 23, 26, 700, 701, 1700];
const JSON_TYPES = [114, 3802];

/** A value as JSON: numbers with all of their digits, booleans, documents as they are, else text. */
export function jsonValue(cell: Cell, { typeOid }: Column): string {
  if (cell === null) return 'null';
  if (typeOid === BOOLEAN) return cell === 't' ? 'true' : 'false';
  // NaN and the infinities are no numbers of JSON.
  if (NUMBERS.includes(typeOid) && /\d$/.test(cell)) return cell;
  return JSON_TYPES.includes(typeOid) ? cell : JSON.stringify(cell);
}

/** An array of objects, one a line. */
export class JsonPrinter implements TablePrinter {
  readonly #columns: readonly Column[];
  readonly #names: readonly string[];
  readonly #sink: TextSink;
  #rows = 0;

  constructor(columns: readonly Column[], sink: TextSink) {
    this.#columns = columns;
    this.#names = columns.map(({ name }) => JSON.stringify(name));
    this.#sink = sink;
  }

  row(cells: readonly Cell[]): void {
    const members = this.#columns.map(
      (column, index) => `${this.#names[index]}:${jsonValue(cells[index] ?? null, column)}`,
    );
    this.#sink.write(`${this.#rows === 0 ? '[' : ',\n '}{${members.join(',')}}`);
    this.#rows += 1;
  }

  finish(): void {
    this.#sink.write(this.#rows === 0 ? '[]\n' : ']\n');
  }
}
