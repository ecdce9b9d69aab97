/** A column of a result. */
export interface Column {
  readonly name: string;
  /** The type's oid; decides the alignment, and what JSON writes without quotes. */
  readonly typeOid: number;
}

/** A value as the server wrote it, or NULL. */
export type Cell = string | null;

/** Takes text in order. */
export interface TextSink {
  write(text: string): void;
}

/** Writes one result, row by row; `finish` is called once, after the last row. */
export interface TablePrinter {
  row(cells: readonly Cell[]): void;
  /**
   * `footers` stand instead of the count of the rows; of `\d` they are its lists. `undefined` lets
   * the printer count.
   */
  finish(footers?: readonly string[]): void;
}

/** The types whose values stand at the right edge: numbers, money, and what counts. */
const RIGHT_ALIGNED = [20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069];

export function isRightAligned({ typeOid }: Column): boolean {
  return RIGHT_ALIGNED.includes(typeOid);
}

/** `(1 row)` */
export function countFooter(rows: number): string {
  return rows === 1 ? '(1 row)' : `(${rows} rows)`;
}
