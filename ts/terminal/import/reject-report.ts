// Lines that an import left out: the first ones on the screen, all of them in the report file, the
// rest counted. Memory does not grow with their number.
import { closeSync, openSync, writeSync } from 'node:fs';
import { BufferedPrinter } from '../print/buffered-printer.ts';
import { defaultPrintOptions } from '../print/print-options.ts';
import type { TextSink } from '../print/table-printer.ts';
import { fileErrorText } from '../shell/system-error.ts';
import { countText } from '../transfer/progress.ts';
import { TransferError } from '../transfer/transfer-error.ts';

/** Rejected lines that are shown. */
export const SHOWN_MAX = 20;
const PIECE_CHARACTERS = 64 * 1024;
const TEXT_COLUMNS_MAX = 60;

/** A line that was left out. */
export interface Reject {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: string | undefined;
  readonly reason: string;
  readonly sqlstate: string;
  /** The offending value, or the line, as far as it is known. */
  readonly value: string | undefined;
}

function shortened(text: string): string {
  const line = text.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return line.length <= TEXT_COLUMNS_MAX ? line : `${line.slice(0, TEXT_COLUMNS_MAX - 3)}...`;
}

export class RejectReport {
  readonly #file: number | undefined;
  #pending = '';
  readonly #shown: Reject[] = [];
  #count = 0;

  /** Opens the report where there is to be one. Throws `TransferError`. */
  constructor(path: string | undefined) {
    if (path === undefined) return;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw new TransferError(fileErrorText(path, error), { cause: error });
    }
  }

  get count(): number {
    return this.#count;
  }

  add(reject: Reject): void {
    this.#count += 1;
    if (this.#shown.length < SHOWN_MAX) this.#shown.push(reject);
    if (this.#file === undefined) return;
    this.#pending += `${JSON.stringify(reject)}\n`;
    if (this.#pending.length >= PIECE_CHARACTERS) this.#flush();
  }

  /** Forgets what was added: the import starts over. */
  clear(): void {
    this.#count = 0;
    this.#shown.length = 0;
    this.#pending = '';
  }

  close(): void {
    if (this.#file === undefined) return;
    this.#flush();
    closeSync(this.#file);
  }

  /** The table of the first rejected lines. */
  print(sink: TextSink): void {
    if (this.#count === 0) return;
    const names = ['file', 'line', 'column', 'reason', 'value'];
    const columns = names.map((name) => ({ name, typeOid: name === 'line' ? 20 : 25 }));
    const printer = new BufferedPrinter(defaultPrintOptions(), columns, sink, 0);
    for (const { file, line, column, reason, value } of this.#shown) {
      printer.row([file, String(line), column ?? null, reason, shortened(value ?? '')]);
    }
    const more = this.#count - this.#shown.length;
    printer.finish(more > 0 ? [`(and ${countText(more)} more)`] : []);
  }

  #flush(): void {
    if (this.#file !== undefined) writeSync(this.#file, this.#pending);
    this.#pending = '';
  }
}
