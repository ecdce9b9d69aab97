// One line a column, one block a row, drawn as psql draws it.
import { type CellLine, cellLines, widestLine } from './cell-lines.ts';
import { LINE_STYLES, type LineStyle, type Rule } from './line-style.ts';
import type { PrintOptions } from './print-options.ts';
import type { Column, TextSink } from './table-printer.ts';

/** Draws blocks whose widths are known. */
export class ExpandedLayout {
  readonly #options: Readonly<PrintOptions>;
  readonly #style: LineStyle;
  readonly #headers: readonly (readonly CellLine[])[];
  readonly #headerWidth: number;
  readonly #hasLongHeader: boolean;
  readonly #dataWidth: number;
  readonly #sink: TextSink;
  #record = 0;

  constructor(
    options: Readonly<PrintOptions>,
    columns: readonly Column[],
    dataWidth: number,
    sink: TextSink,
  ) {
    this.#options = options;
    this.#style = LINE_STYLES[options.lineStyle];
    this.#headers = columns.map(({ name }) => cellLines(name));
    this.#headerWidth = Math.max(0, ...this.#headers.map(widestLine));
    this.#hasLongHeader = this.#headers.some(({ length }) => length > 1);
    this.#dataWidth = dataWidth;
    this.#sink = sink;
  }

  head(): void {
    const { title, tuplesOnly } = this.#options;
    if (title !== undefined && !tuplesOnly) this.#sink.write(`${title}\n`);
  }

  row(cells: readonly (readonly CellLine[])[]): void {
    const { border, tuplesOnly } = this.#options;
    if (cells.length === 0) return; // a row without columns is not shown
    this.#record += 1;
    const rule = this.#record === 1 ? this.#style.top : this.#style.between;
    if (!tuplesOnly) this.#rule(rule, this.#record);
    else if (this.#record > 1 || border === 2) this.#rule(rule, 0);
    for (const [index, lines] of cells.entries()) this.#field(this.#headers[index] ?? [], lines);
  }

  end(footers: readonly string[]): void {
    const { border, tuplesOnly } = this.#options;
    if (border === 2 && this.#record > 0) this.#rule(this.#style.bottom, 0);
    let text = '';
    if (!tuplesOnly && footers.length > 0) {
      if (border < 2 && this.#record > 0) text = '\n';
      for (const line of footers) text += `${line}\n`;
    }
    this.#sink.write(`${text}\n`);
  }

  /** The line above a record; 0 is one without its number. */
  #rule({ dash, left, middle, right }: Rule, record: number): void {
    const { border } = this.#options;
    const filler = border > 0 ? dash : ' ';
    let text = '';
    if (record > 0) text = border === 0 ? `* Record ${record}` : `[ RECORD ${record} ]`;
    // The text may run over the place of the crossing, which then is not drawn.
    const before = border === 2 ? `${left}${dash}` : border === 1 ? dash : '';
    const shift = border === 2 ? 0 : 1;
    let taken = text.length + shift;
    if (taken < this.#headerWidth) text += filler.repeat(this.#headerWidth - taken);
    taken -= this.#headerWidth;
    for (const piece of border > 0 ? [dash, middle, dash] : [' ']) {
      if (taken <= 0) text += piece;
      taken -= 1;
    }
    const rest = Math.max(this.#dataWidth - Math.max(taken, 0), 0);
    const after = border === 2 ? `${dash}${right}` : '';
    this.#sink.write(`${before}${text}${filler.repeat(rest)}${after}\n`);
  }

  #field(header: readonly CellLine[], data: readonly CellLine[]): void {
    const { border } = this.#options;
    const { vertical, goesOn } = this.#style;
    const height = Math.max(header.length, data.length);
    const hasMarkColumn = border > 0 || this.#hasLongHeader;
    for (let line = 0; line < height; line += 1) {
      const name = header[line];
      let text = border === 2 ? vertical : '';
      if (name !== undefined || line < header.length) {
        if (border === 2) text += ' ';
        text += (name?.text ?? '') + ' '.repeat(this.#headerWidth - (name?.width ?? 0));
        if (hasMarkColumn) text += line + 1 < header.length ? goesOn : ' ';
      } else {
        text += ' '.repeat(this.#headerWidth + border + (border === 0 && hasMarkColumn ? 1 : 0));
      }
      if (border > 0) text += vertical;
      this.#sink.write(`${text}${this.#dataLine(data, line)}\n`);
    }
  }

  #dataLine(data: readonly CellLine[], line: number): string {
    const { border } = this.#options;
    const { vertical, goesOn } = this.#style;
    const shown = data[line];
    if (shown === undefined) {
      return border < 2 ? '' : `${' '.repeat(this.#dataWidth)}  ${vertical}`;
    }
    const gap = ' '.repeat(Math.max(this.#dataWidth - shown.width, 0));
    const isContinued = line + 1 < data.length;
    let text = ` ${shown.text}`;
    if (isContinued) text += gap + goesOn;
    else if (border > 1) text += `${gap} `;
    return border === 2 ? text + vertical : text;
  }
}
