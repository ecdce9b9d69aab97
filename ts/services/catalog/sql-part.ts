// Statements that the services make. Names and values never reach the text by concatenation: a name
// passes `sql.id`, which quotes it, a value is a parameter.
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';
import { RustyError } from '../../errors/index.ts';
import { arrayText, plainText } from './value-text.ts';

/** A piece of a statement, or all of it. */
export type SqlPart = RawBuilder<unknown>;

/** A statement as a session takes it. */
export interface SqlText {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Writes values as quoted literals. */
class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    const isPlain = typeof value !== 'object' || value === null;
    const text = Array.isArray(value) ? arrayText(value) : isPlain ? value : plainText(value);
    this.appendImmediateValue(text);
  }
}

/** It only writes text; its driver connects to nothing. */
function writerWith(compiler: () => PostgresQueryCompiler): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: compiler,
    },
  });
}

const writer = writerWith(() => new PostgresQueryCompiler());
const literalWriter = writerWith(() => new LiteralCompiler());

export { sql };

export function compileSql(part: SqlPart): SqlText {
  const { sql: text, parameters } = part.compile(writer);
  return { sql: text, parameters };
}

/**
 * The same statement with its values in the text, in quotes, for statements that take no
 * parameters. It is still a part: it can stand in another one.
 */
export function withLiterals(part: SqlPart): SqlPart {
  return sql.raw(part.compile(literalWriter).sql);
}

/** The parts with a comma between them; at least one. */
export function commaList(parts: readonly SqlPart[]): SqlPart {
  return sql.join(parts, sql`, `);
}

/** All of the conditions; true where there is none. */
export function allOf(conditions: readonly SqlPart[]): SqlPart {
  return conditions.length === 0 ? sql`true` : sql`${sql.join(conditions, sql` AND `)}`;
}

/** A name in quotes, qualified by those before it. */
export function idOf(...names: readonly string[]): SqlPart {
  for (const name of names) {
    if (name === '' || name.includes('\0')) {
      throw RustyError.of('VALIDATION_ERROR', {
        what: `${JSON.stringify(name)} cannot be a name`,
      });
    }
  }
  return sql.id(...names);
}
