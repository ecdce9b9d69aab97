// The aligned table, drawn as psql draws it: columns as wide as their widest cell, cells of several
// lines continued below with a mark at the edge, numbers at the right.
import { type CellLine, cellLines } from './cell-lines.ts';
import { LINE_STYLES, type LineStyle, type Rule } from './line-style.ts';
import type { PrintOptions } from './print-options.ts';
import { type Column, isRightAligned, type TextSink } from './table-printer.ts';

/** The columns that a table takes on the screen. */
export function tableWidth(widths: readonly number[], border: 0 | 1 | 2): number {
  const count = widths.length;
  const lines =
    border === 0 ? count : border === 1 ? count * 3 - (count > 0 ? 1 : 0) : count * 3 + 1;
  return widths.reduce((sum, width) => sum + width, lines);
}

/** Draws a table whose column widths are known. */
export class AlignedLayout {
  readonly #options: Readonly<PrintOptions>;
  readonly #style: LineStyle;
  readonly #headers: readonly (readonly CellLine[])[];
  readonly #right: readonly boolean[];
  readonly #widths: readonly number[];
  readonly #sink: TextSink;

  constructor(
    options: Readonly<PrintOptions>,
    columns: readonly Column[],
    widths: readonly number[],
    sink: TextSink,
  ) {
    this.#options = options;
    this.#style = LINE_STYLES[options.lineStyle];
    this.#headers = columns.map(({ name }) => cellLines(name));
    this.#right = columns.map(isRightAligned);
    this.#widths = widths;
    this.#sink = sink;
  }

  /** Title, names of the columns and the line below them. */
  head(): void {
    const { border, title, tuplesOnly } = this.#options;
    if (tuplesOnly) return;
    if (title !== undefined) this.#title(title);
    if (border === 2) this.#rule(this.#style.top);
    const height = Math.max(0, ...this.#headers.map(({ length }) => length));
    for (let line = 0; line < height; line += 1) this.#headerLine(line);
    this.#rule(this.#style.between);
  }

  row(cells: readonly (readonly CellLine[])[]): void {
    let height = 0; // a row without columns is not shown
    for (const { length } of cells) if (length > height) height = length;
    for (let line = 0; line < height; line += 1) this.#cellLine(cells, line);
  }

  end(footers: readonly string[]): void {
    if (this.#options.border === 2) this.#rule(this.#style.bottom);
    const lines = this.#options.tuplesOnly ? [] : footers;
    this.#sink.write(`${lines.map((line) => `${line}\n`).join('')}\n`);
  }

  #title(title: string): void {
    const total = tableWidth(this.#widths, this.#options.border);
    const [first] = cellLines(title);
    const width = first?.width ?? 0;
    const indent = width >= total ? 0 : (total - width) >> 1;
    this.#sink.write(`${' '.repeat(indent)}${title}\n`);
  }

  #rule({ dash, left, middle, right }: Rule): void {
    const { border } = this.#options;
    const bars = this.#widths.map((width) => dash.repeat(width));
    const text = bars.join(border === 0 ? ' ' : `${dash}${middle}${dash}`);
    if (border === 0) this.#sink.write(`${text}\n`);
    else if (border === 1) this.#sink.write(`${dash}${text}${dash}\n`);
    else this.#sink.write(`${left}${dash}${text}${dash}${right}\n`);
  }

  #headerLine(line: number): void {
    const { border } = this.#options;
    const { vertical, goesOn } = this.#style;
    let text = border === 2 ? vertical : '';
    const last = this.#headers.length - 1;
    for (const [index, lines] of this.#headers.entries()) {
      const shown = lines[line];
      const width = this.#widths[index] ?? 0;
      const gap = width - (shown?.width ?? 0);
      if (border !== 0) text += ' ';
      text += ' '.repeat(gap >> 1) + (shown?.text ?? '') + ' '.repeat((gap + 1) >> 1);
      text += line + 1 < lines.length ? goesOn : ' ';
      if (border !== 0 && index < last) text += vertical;
    }
    this.#sink.write(`${text}${border === 2 ? vertical : ''}\n`);
  }

  #cellLine(cells: readonly (readonly CellLine[])[], line: number): void {
    const { border } = this.#options;
    const { vertical, goesOn } = this.#style;
    const last = cells.length - 1;
    let text = border === 2 ? vertical : '';
    for (let index = 0; index <= last; index += 1) {
      const lines = cells[index] ?? [];
      const shown = lines[line];
      const isContinued = line + 1 < lines.length;
      const isPadded = border === 2 || index < last || isContinued;
      const gap = Math.max((this.#widths[index] ?? 0) - (shown?.width ?? 0), 0);
      if (border !== 0) text += ' ';
      if (shown === undefined) {
        if (border === 2 || index < last) text += ' '.repeat(gap);
      } else if (this.#right[index]) text += ' '.repeat(gap) + shown.text;
      else text += isPadded ? shown.text + ' '.repeat(gap) : shown.text;
      if (isContinued) text += goesOn;
      else if (border === 2 || index < last) text += ' ';
      if (border !== 0 && index < last) text += vertical;
    }
    this.#sink.write(`${text}${border === 2 ? vertical : ''}\n`);
  }
}
