import { encodeParameters, type Session, type StatementRequest } from '../../engine/index.ts';
import { keepNumber } from '../../util/raw-number.ts';
import { Collector } from '../collect.ts';
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
}

/** What a statement answered, as a whole. */
export interface Answer<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** The request of a statement that the services made. */
export function requestOf(
  part: SqlPart,
  layout: StatementRequest['layout'],
  signal: AbortSignal,
): StatementRequest {
  const { sql, parameters } = compileSql(part);
  return { sql, parameters: encodeParameters(parameters), layout, signal };
}

/** Runs statements whose answers are small, and reads these. */
export class StatementRunner {
  readonly #queries: QueryService;

  constructor(queries: QueryService) {
    this.#queries = queries;
  }

  async answer<Row>(caller: Caller, part: SqlPart): Promise<Answer<Row>> {
    const collector = new Collector(ANSWER_MAX_BYTES);
    const { user, session, signal } = caller;
    const request = requestOf(part, 'objects', signal);
    if (session === undefined) await this.#queries.run(user, request, collector.take);
    else await this.#queries.runOn(session, user, request, collector.take);
    return JSON.parse(`${collector.text()}}`, keepNumber) as Answer<Row>;
  }

  async rows<Row>(caller: Caller, part: SqlPart): Promise<readonly Row[]> {
    return (await this.answer<Row>(caller, part)).rows;
  }
}
