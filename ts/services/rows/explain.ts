import { type SqlPart, sql, withLiterals } from '../catalog/sql-part.ts';
import type { Caller, StatementRunner } from '../catalog/statement-runner.ts';

/** A plan as `EXPLAIN (FORMAT JSON)` gives it. */
export interface Plan {
  readonly Plan?: { readonly 'Plan Rows'?: number };
}

/** The plan of a statement; with `isAnalyzed` the statement is run for it. */
export async function explain(
  runner: StatementRunner,
  caller: Caller,
  part: SqlPart,
  isAnalyzed: boolean,
): Promise<readonly Plan[]> {
  const options = isAnalyzed ? sql`FORMAT JSON, ANALYZE` : sql`FORMAT JSON`;
  // EXPLAIN takes no parameters.
  const explained = sql`EXPLAIN (${options}) ${withLiterals(part)}`;
  const [row] = await runner.rows<Readonly<Record<string, unknown>>>(caller, explained);
  const plan = Object.values(row ?? {})[0];
  return (typeof plan === 'string' ? JSON.parse(plan) : plan) as readonly Plan[];
}
