import { makePrinter } from '../print/make-printer.ts';
import type { PrintOptions } from '../print/print-options.ts';
import type { Cell, Column } from '../print/table-printer.ts';
import type { Shell } from '../shell/shell.ts';

/** A table that the terminal makes itself. */
export interface List {
  readonly title: string;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Lines below it; undefined counts the rows. */
  readonly footers?: readonly string[];
  /** Columns of numbers. */
  readonly rightAligned?: readonly string[];
  /** Written as a table even where results are expanded. */
  readonly isNeverExpanded?: boolean;
}

const TEXT_OID = 25;
const BIGINT_OID = 20;

/** Writes a list as results are written. */
export async function printList(shell: Shell, list: List): Promise<void> {
  const print: PrintOptions = {
    ...shell.print,
    nullText: '',
    title: list.title,
    ...(list.isNeverExpanded === true ? { expanded: 'off' } : {}),
  };
  const output = shell.resultOutput(print);
  const columns = list.headers.map((name): Column => {
    const typeOid = list.rightAligned?.includes(name) === true ? BIGINT_OID : TEXT_OID;
    return { name, typeOid };
  });
  const printer = makePrinter(print, columns, output, shell.screenColumns(print));
  for (const row of list.rows) printer.row(row);
  printer.finish(list.footers);
  if (output !== shell.output) await output.close();
}
