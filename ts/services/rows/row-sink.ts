import type { TakeBytes } from '../../engine/index.ts';
import type { SqlPart } from '../catalog/sql-part.ts';
import { type Caller, runPart } from '../catalog/statement-runner.ts';
import type { QueryService } from '../query-service.ts';

/** Where the rows of statements go. */
export interface RowSink {
  readonly layout: 'objects' | 'ndjson' | 'csv';
  /** Told before the first row, where it was asked for. */
  total(total: number): void;
  readonly take: TakeBytes;
  /** A statement has ended; the rows of another one may follow. */
  next(): void | Promise<void>;
  /** Rows so far; undefined where the layout does not say. */
  readonly rows: number | undefined;
}

/** Runs a statement and sends its rows to the sink. */
export async function streamRows(
  queries: QueryService,
  caller: Caller,
  part: SqlPart,
  sink: RowSink,
): Promise<void> {
  await runPart(queries, caller, part, sink.layout, sink.take);
  await sink.next();
}
