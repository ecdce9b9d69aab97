import { Collector, type Session, type StatementRequest } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import type { SessionPool } from '../pool/index.ts';
import { quoteLiteral } from '../util/quoting.ts';
import { arrayText, plainText } from './catalog/value-text.ts';

import type { QueryService } from './query-service.ts';

const PLAN_MAX_BYTES = 16 * 1024 * 1024;
/** On a session that no other statement meets. */
const NAME = 'explained';

export interface ExplainRequest {
  readonly sql: string;
  readonly params: readonly unknown[];
  /** Runs the statement, and measures. */
  readonly isAnalyzed: boolean;
  readonly signal: AbortSignal;
}

/** A value as an argument of EXECUTE, which takes it for the type of its parameter. */
function argument(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return quoteLiteral(Array.isArray(value) ? arrayText(value) : plainText(value));
}

/** Tells how statements are carried out. */
export class ExplainService {
  readonly #queries: QueryService;
  readonly #pool: SessionPool;

  constructor(queries: QueryService, pool: SessionPool) {
    this.#queries = queries;
    this.#pool = pool;
  }

  /** The plan tree, as `EXPLAIN (FORMAT JSON)` has it. Positions of errors are those in `sql`. */
  async explain(user: string, request: ExplainRequest): Promise<unknown> {
    const { sql, params, isAnalyzed, signal } = request;
    const options = isAnalyzed ? 'FORMAT JSON, ANALYZE' : 'FORMAT JSON';
    const lease = await this.#pool.acquire();
    const { session } = lease;
    const hasParams = params.length > 0;
    try {
      if (hasParams) await this.#run(session, user, `PREPARE ${NAME} AS `, sql, signal);
      const list = params.map(argument).join(', ');
      const explained = hasParams ? `EXECUTE ${NAME} (${list})` : sql;
      const text = await this.#run(session, user, `EXPLAIN (${options}) `, explained, signal);
      const { rows } = JSON.parse(`${text}}`) as { rows: [unknown][] };
      const plan = rows[0]?.[0];
      return typeof plan === 'string' ? JSON.parse(plan) : plan;
    } finally {
      lease.release(!hasParams);
    }
  }

  async #run(
    session: Session,
    user: string,
    before: string,
    sql: string,
    signal: AbortSignal,
  ): Promise<string> {
    const collector = new Collector(PLAN_MAX_BYTES);
    const request: StatementRequest = { sql: `${before}${sql}`, layout: 'arrays', signal };
    try {
      await this.#queries.runOn(session, user, request, collector.take);
    } catch (error) {
      if (!(error instanceof RustyError) || error.position === undefined) throw error;
      const position = error.position - before.length;
      throw error.with({ position: position > 0 ? position : undefined });
    }
    return collector.text();
  }
}
