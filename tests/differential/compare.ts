// Runs the same statements on two servers and tells where they differ.
import pg from 'pg';
import { Random } from '../support/random.ts';
import { schemaOf } from './schema.ts';
import { type Statement, Statements } from './statements.ts';

/** What a server answered, as far as clients may rely on it. */
interface Answer {
  readonly sqlstate?: string;
  readonly message?: string;
  readonly types?: readonly number[];
  readonly rows?: readonly string[];
  readonly count?: number | null;
}

export interface Difference {
  readonly seed: number;
  readonly sql: string;
  readonly what: string;
  readonly ours: Answer;
  readonly theirs: Answer;
}

export interface Comparison {
  readonly statements: number;
  /** Both refused it, with the same SQLSTATE. */
  readonly refused: number;
  /** One server met a faulty value where the other did not look. */
  readonly undecided: number;
  /** We have not built it: 0A000. */
  readonly notBuilt: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

const STATEMENTS_OF_A_SCHEMA = 250;
const TIMEOUT = '10s';
/** What makes a schema stays where both take it. */
const MADE = { isOrdered: false, isStrict: true, isChange: true } as const;
const raw = { getTypeParser: () => (value: string | Buffer) => value.toString() };

async function ask(client: pg.Client, sql: string, isOrdered: boolean): Promise<Answer> {
  try {
    const query = { text: sql, rowMode: 'array', types: raw };
    const answer = (await client.query(query as pg.QueryArrayConfig)) as pg.QueryArrayResult;
    const rows = answer.rows.map((row) => JSON.stringify(row));
    if (!isOrdered) rows.sort();
    return {
      types: answer.fields.map((field) => field.dataTypeID),
      rows,
      count: answer.rowCount,
    };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw new Error(`the connection failed at: ${sql}`, { cause: error });
    return { sqlstate: code, message };
  }
}

/** A value that cannot be, or (0A000) that an operation does not take. */
const isFaultyValue = ({ sqlstate }: Answer): boolean => /^(?:22|0A)/.test(sqlstate ?? '');

/** What PostgreSQL does not do either: it depends on the values whether that is met. */
const OPERATION = /multidimensional arrays|cannot convert (?:NaN|infinity)/;

/** Both refuse a change for a rule of the table; which row comes first is open. */
const breaksRule = ({ sqlstate }: Answer): boolean => sqlstate?.startsWith('23') === true;

/** What may leave operands out. */
const SKIPS = /\b(?:CASE|coalesce|AND|OR)\b/i;

/** Whether PostgreSQL refused it while it planned, for the value of a constant. */
async function failsInPlanning(theirs: pg.Client, sql: string, yours: Answer): Promise<boolean> {
  if (!isFaultyValue(yours)) return false;
  return (await ask(theirs, `EXPLAIN ${sql}`, true)).sqlstate === yours.sqlstate;
}

/** Whether SQL leaves open which of two unlike answers is given. */
async function isOpen(
  theirs: pg.Client,
  { sql, isStrict }: Statement,
  mine: Answer,
  yours: Answer,
): Promise<boolean> {
  // A constant may be computed before it is known that there is no row for it,
  if (isFaultyValue(yours) && mine.rows?.length === 0) return true;
  // and as an operand that is never reached: which are computed is open, as PostgreSQL's manual
  // says. Where one that is reached has a fault of its own, either of the two may be named.
  if ((mine.rows !== undefined || isFaultyValue(mine)) && SKIPS.test(sql)) {
    if (await failsInPlanning(theirs, sql, yours)) return true;
  }
  if (isStrict) return false;
  return isFaultyValue(mine) || isFaultyValue(yours) || (breaksRule(mine) && breaksRule(yours));
}

/** Where the answers differ, or undefined. */
function difference(ours: Answer, theirs: Answer): string | undefined {
  if (ours.sqlstate !== theirs.sqlstate) return 'SQLSTATE';
  if (ours.sqlstate !== undefined) return undefined;
  if (String(ours.types) !== String(theirs.types)) return 'types';
  if (ours.count !== theirs.count) return 'count';
  return String(ours.rows) === String(theirs.rows) ? undefined : 'rows';
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // The statement that runs then rejects, and says so.
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET statement_timeout = '${TIMEOUT}'; SET TimeZone = 'UTC'`);
  return client;
}

export interface CompareOptions {
  /** Of this server, whose database is made empty again and again. */
  readonly oursUrl: string;
  readonly theirsUrl: string;
  readonly seed: number;
  readonly statements: number;
  /** Told after each schema. */
  readonly onProgress?: (done: number, differences: number) => void;
  /** Further differences end the run. */
  readonly maxDifferences: number;
}

/** Statements of one schema after the other, on both servers. */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { seed, statements, maxDifferences, onProgress } = options;
  const [ours, theirs] = await Promise.all([connect(options.oursUrl), connect(options.theirsUrl)]);
  const differences: Difference[] = [];
  const notBuilt = new Map<string, number>();
  let done = 0;
  let refused = 0;
  let undecided = 0;
  const each = (sql: string): Promise<unknown> => Promise.all([ours.query(sql), theirs.query(sql)]);
  const both = async (of: number, statement: Statement): Promise<void> => {
    const { sql, isOrdered, isChange } = statement;
    if (isChange) await each('BEGIN');
    const [mine, yours] = await Promise.all([
      ask(ours, sql, isOrdered),
      ask(theirs, sql, isOrdered),
    ]);
    // What only one of them has done is taken back, so that both go on with the same rows.
    const what = difference(mine, yours);
    const isDone = mine.sqlstate === undefined && what === undefined;
    if (isChange) await each(isDone ? 'COMMIT' : 'ROLLBACK');
    done += 1;
    if (mine.sqlstate === '0A000' && !OPERATION.test(mine.message ?? '')) {
      const missing = mine.message ?? '';
      notBuilt.set(missing, (notBuilt.get(missing) ?? 0) + 1);
      return;
    }
    // How long a statement takes is no answer.
    if (mine.sqlstate === '57014' || yours.sqlstate === '57014') return;
    if (mine.sqlstate !== undefined && mine.sqlstate === yours.sqlstate) refused += 1;
    else if (await isOpen(theirs, statement, mine, yours)) {
      undecided += 1;
      return;
    }
    if (what !== undefined) differences.push({ seed: of, sql, what, ours: mine, theirs: yours });
  };
  try {
    for (let of = seed; done < statements && differences.length < maxDifferences; of += 1) {
      const random = new Random(of);
      const schema = schemaOf(random);
      const fresh = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public';
      await each(fresh);
      for (const sql of schema.statements) await both(of, { ...MADE, sql });
      const maker = new Statements(random, schema);
      for (let at = 0; at < STATEMENTS_OF_A_SCHEMA && done < statements; at += 1) {
        await both(of, maker.next());
      }
      onProgress?.(done, differences.length);
    }
  } finally {
    await Promise.all([ours.end(), theirs.end()]);
  }
  return { statements: done, refused, undecided, notBuilt, differences };
}
