// Aligned and expanded output: the widths are those of the widest cells, so rows are held back until
// all are there. Of a large result only the first rows are; the widths that they have then stay, and
// a later cell that is wider sticks out. Memory stays bounded either way.
import { AlignedLayout, tableWidth } from './aligned-layout.ts';
import { type CellLine, cellLines, widestLine } from './cell-lines.ts';
import { ExpandedLayout } from './expanded-layout.ts';
import type { PrintOptions } from './print-options.ts';
import {
  type Cell,
  type Column,
  countFooter,
  type TablePrinter,
  type TextSink,
} from './table-printer.ts';

/** What is held back at most: rows, and characters of all cells. */
export const HELD_ROWS_MAX = 100_000;
export const HELD_CHARACTERS_MAX = 32 * 1024 * 1024;

type Layout = AlignedLayout | ExpandedLayout;

export class BufferedPrinter implements TablePrinter {
  readonly #options: Readonly<PrintOptions>;
  readonly #columns: readonly Column[];
  readonly #sink: TextSink;
  readonly #screenColumns: number;
  readonly #widths: number[];
  readonly #dataWidths: number[];
  #held: (readonly Cell[])[] = [];
  #heldCharacters = 0;
  #layout: Layout | undefined;
  #rows = 0;

  /** `screenColumns` decides what `auto` means; 0 where there is no screen. */
  constructor(
    options: Readonly<PrintOptions>,
    columns: readonly Column[],
    sink: TextSink,
    screenColumns: number,
  ) {
    this.#options = options;
    this.#columns = columns;
    this.#sink = sink;
    this.#screenColumns = screenColumns;
    this.#widths = columns.map(({ name }) => widestLine(cellLines(name)));
    this.#dataWidths = columns.map(() => 0);
  }

  row(cells: readonly Cell[]): void {
    this.#rows += 1;
    if (this.#layout !== undefined) {
      this.#layout.row(this.#linesOf(cells));
      return;
    }
    this.#held.push(cells);
    for (let index = 0; index < cells.length; index += 1) {
      const cell = cells[index] ?? this.#options.nullText;
      const width = widestLine(cellLines(cell));
      if (width > (this.#dataWidths[index] ?? 0)) this.#dataWidths[index] = width;
      this.#heldCharacters += cell.length;
    }
    if (this.#held.length >= HELD_ROWS_MAX || this.#heldCharacters >= HELD_CHARACTERS_MAX) {
      this.#release();
    }
  }

  finish(footers?: readonly string[]): void {
    const layout = this.#layout ?? this.#release();
    const isExpanded = layout instanceof ExpandedLayout;
    // psql counts the rows of an expanded result only where there are none.
    const showsNone = this.#rows === 0 || this.#columns.length === 0;
    const counts = this.#options.footer && (!isExpanded || showsNone);
    layout.end(footers ?? (counts ? [countFooter(this.#rows)] : []));
  }

  #linesOf(cells: readonly Cell[]): readonly (readonly CellLine[])[] {
    return cells.map((cell) => cellLines(cell ?? this.#options.nullText));
  }

  #release(): Layout {
    const data = this.#dataWidths;
    const widths = this.#widths.map((width, index) => Math.max(width, data[index] ?? 0));
    const layout = this.#isExpanded(widths)
      ? new ExpandedLayout(this.#options, this.#columns, Math.max(0, ...data), this.#sink)
      : new AlignedLayout(this.#options, this.#columns, widths, this.#sink);
    this.#layout = layout;
    layout.head();
    for (const cells of this.#held) layout.row(this.#linesOf(cells));
    this.#held = [];
    return layout;
  }

  #isExpanded(widths: readonly number[]): boolean {
    const { expanded, border } = this.#options;
    if (expanded !== 'auto') return expanded === 'on';
    return this.#screenColumns > 0 && this.#screenColumns < tableWidth(widths, border);
  }
}
