import {
  Collector,
  encodeParameters,
  type Session,
  type StatementRequest,
  type TakeBytes,
} from '../../engine/index.ts';
import { RustyError } from '../../errors/index.ts';
import type { TraceSpan } from '../../monitoring/tracing.ts';
import { keepNumber } from '../../util/raw-number.ts';
import type { QueryService } from '../query-service.ts';
import { compileSql, type SqlPart } from './sql-part.ts';

/** What the answer of a statement about the catalog may have. */
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;

/** Who asks, and the signal that ends it. */
export interface Caller {
  readonly user: string;
  readonly signal: AbortSignal;
  /** The session of a transaction of several statements; without one, any of the pool. */
  readonly session?: Session;
  /** The span of the request, where it is traced. */
  readonly trace?: TraceSpan;
  /** Its statements may not write. */
  readonly isReadOnly?: boolean;
}

/** What a statement answered, as a whole. */
export interface Answer<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** The request of a statement that the services made. */
function requestOf(
  { signal, isReadOnly = false, trace }: Caller,
  part: SqlPart,
  layout: StatementRequest['layout'],
): StatementRequest {
  const { sql, parameters } = compileSql(part);
  return {
    sql,
    parameters: encodeParameters(parameters),
    layout,
    signal,
    isReadOnly,
    ...(trace && { trace }),
  };
}

/**
 * Runs a statement that the caller did not write: where in its text an error is, it is not told.
 */
export async function runPart(
  queries: QueryService,
  caller: Caller,
  part: SqlPart,
  layout: StatementRequest['layout'],
  take: TakeBytes,
): Promise<void> {
  const { user, session } = caller;
  const request = requestOf(caller, part, layout);
  try {
    if (session === undefined) await queries.run(user, request, take);
    else await queries.runOn(session, user, request, take);
  } catch (error) {
    throw error instanceof RustyError ? error.with({ position: undefined }) : error;
  }
}

/** Runs statements whose answers are small, and reads these. */
export class StatementRunner {
  readonly #queries: QueryService;

  constructor(queries: QueryService) {
    this.#queries = queries;
  }

  async answer<Row>(caller: Caller, part: SqlPart): Promise<Answer<Row>> {
    const collector = new Collector(ANSWER_MAX_BYTES);
    await runPart(this.#queries, caller, part, 'objects', collector.take);
    return JSON.parse(`${collector.text()}}`, keepNumber) as Answer<Row>;
  }

  async rows<Row>(caller: Caller, part: SqlPart): Promise<readonly Row[]> {
    return (await this.answer<Row>(caller, part)).rows;
  }
}
