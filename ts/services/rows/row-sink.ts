import type { TakeBytes } from '../../engine/index.ts';
import type { SqlPart } from '../catalog/sql-part.ts';
import { type Caller, requestOf } from '../catalog/statement-runner.ts';
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
  { user, signal, session }: Caller,
  part: SqlPart,
  sink: RowSink,
): Promise<void> {
  const request = requestOf(part, sink.layout, signal);
  if (session === undefined) await queries.run(user, request, sink.take);
  else await queries.runOn(session, user, request, sink.take);
  await sink.next();
}
