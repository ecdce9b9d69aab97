import { BufferedPrinter } from './buffered-printer.ts';
import type { PrintOptions } from './print-options.ts';
import { CsvPrinter, JsonPrinter, UnalignedPrinter } from './streaming-printers.ts';
import type { Column, TablePrinter, TextSink } from './table-printer.ts';

/** The printer of a result; `screenColumns` is 0 where the output is no screen. */
export function makePrinter(
  options: Readonly<PrintOptions>,
  columns: readonly Column[],
  sink: TextSink,
  screenColumns: number,
): TablePrinter {
  switch (options.format) {
    case 'unaligned':
      return new UnalignedPrinter(options, columns, sink);
    case 'csv':
      return new CsvPrinter(options, columns, sink);
    case 'json':
      return new JsonPrinter(columns, sink);
    case 'aligned':
      return new BufferedPrinter(options, columns, sink, screenColumns);
  }
}
