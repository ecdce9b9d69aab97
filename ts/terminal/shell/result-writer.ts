// Writes what a text of statements gives back, as it comes: tables, tags of commands, data of COPY.
// Rows are handed to the printer one at a time; while the destination is congested the connection is
// not read.
import type { CopyIn, ResultHandler, Session } from '../connection/session.ts';
import { makePrinter } from '../print/make-printer.ts';
import type { PrintOptions } from '../print/print-options.ts';
import type { Cell, Column, TablePrinter } from '../print/table-printer.ts';
import type { Output } from './output.ts';

export interface ResultWriterOptions {
  readonly session: Session;
  readonly print: Readonly<PrintOptions>;
  readonly output: Output;
  /** Data of COPY go here and its tag is left out: `\copy` and COPY go where the rows go. */
  readonly isQuiet: boolean;
  /** The width of the screen that the output is; 0 where it is none. */
  readonly screenColumns: number;
  /** Gives the data of COPY FROM STDIN. */
  readonly copyIn: (copy: CopyIn) => void;
}

export class ResultWriter implements ResultHandler {
  readonly #options: ResultWriterOptions;
  #printer: TablePrinter | undefined;
  #isWaiting = false;
  #copiedOut = false;
  /** The last statement's number of rows, as its tag says. */
  rowCount = 0;

  constructor(options: ResultWriterOptions) {
    this.#options = options;
  }

  columns(columns: readonly Column[]): void {
    const { print, output, screenColumns } = this.#options;
    this.#printer = makePrinter(print, columns, output, screenColumns);
  }

  row(cells: readonly Cell[]): void {
    this.#printer?.row(cells);
    this.#holdBack();
  }

  complete(tag: string): void {
    this.rowCount = Number(/ (\d+)$/.exec(tag)?.[1] ?? 0);
    const printer = this.#printer;
    this.#printer = undefined;
    printer?.finish();
    const hidesTag =
      this.#options.isQuiet ||
      (printer !== undefined && !/^(INSERT|UPDATE|DELETE|MERGE) /.test(tag)) ||
      this.#copiedOut;
    this.#copiedOut = false;
    if (!hidesTag) this.#options.output.write(`${tag}\n`);
  }

  copyIn(copy: CopyIn): void {
    this.#options.copyIn(copy);
  }

  copyOut(chunk: Buffer): void {
    this.#copiedOut = true;
    // The bytes belong to the connection, and the destination may take them later.
    this.#options.output.writeBytes(Buffer.from(chunk));
    this.#holdBack();
  }

  /** What was begun and not completed: an error came between. */
  abandon(): void {
    this.#printer = undefined;
    this.#copiedOut = false;
  }

  #holdBack(): void {
    const { output, session } = this.#options;
    if (this.#isWaiting || !output.isCongested) return;
    this.#isWaiting = true;
    session.pause();
    void output.drained().then(() => {
      this.#isWaiting = false;
      session.resume();
    });
  }
}
