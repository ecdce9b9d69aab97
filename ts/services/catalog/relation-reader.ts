import type { Driver } from '../../engine/index.ts';
import { RustyError } from '../../errors/index.ts';
import { BoundedMap } from '../../util/bounded-map.ts';
import { nearest } from '../../util/nearest.ts';
import {
  type ColumnRow,
  type ConstraintRow,
  columnsOf,
  constraintsOf,
  foreignKeysAt,
  type RelationRow,
  relationByName,
  relationByOid,
} from './catalog-rows.ts';
import type { Column, ForeignKey, Relation, RelationKind, RelationName } from './relation.ts';
import { sql } from './sql-part.ts';
import type { Caller, StatementRunner } from './statement-runner.ts';

/** Relations and lists of foreign keys that are kept. */
const KEPT_MAX = 1000;
/** Names among which a mistyped one is looked for. */
const ALIKE_MAX = 1000;

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
};

const IDENTITIES: Readonly<Record<string, Column['identity']>> = { a: 'always', d: 'by default' };

/** The names of columns by their numbers; those that are gone are left out. */
export function namesOf(
  columns: readonly { readonly number: number; readonly name: string }[],
  numbers: readonly number[] | null,
): readonly string[] {
  return (numbers ?? []).flatMap(
    (number) => columns.find((column) => column.number === number)?.name ?? [],
  );
}

function isUniqueBy(relation: Relation, columns: readonly string[]): boolean {
  return relation.uniqueKeys.some((key) => key.every((name) => columns.includes(name)));
}

/**
 * Reads relations from the catalog and keeps them while nothing was committed. Every statement that
 * follows is checked by the engine again, so that a definition which changes in between is an error
 * of that statement, never a wrong answer.
 */
export class RelationReader {
  readonly #runner: StatementRunner;
  readonly #driver: Driver;
  readonly #kept = new BoundedMap<string, Promise<unknown>>({
    name: 'rest_relations',
    cap: KEPT_MAX,
    whenFull: 'evict-least-recent',
  });
  #version: number | undefined;

  constructor(runner: StatementRunner, driver: Driver) {
    this.#runner = runner;
    this.#driver = driver;
  }

  /** NOT_FOUND names the relation that is most alike. */
  async relation(caller: Caller, { schema, name }: RelationName): Promise<Relation> {
    const found = await this.#keep(caller, JSON.stringify(['name', schema, name]), (reader) =>
      this.#read(reader, relationByName(schema, name)),
    );
    if (found !== undefined) return found;
    const alike = nearest(name, await this.#names(caller, schema));
    throw RustyError.of(
      'NOT_FOUND',
      { what: `table or view "${schema}"."${name}"` },
      {
        sqlstate: '42P01',
        ...(alike === undefined ? {} : { hint: `Perhaps you meant "${alike}".` }),
      },
    );
  }

  /** The foreign keys from and to a relation. */
  async foreignKeys(caller: Caller, relation: Relation): Promise<readonly ForeignKey[]> {
    const keys = await this.#keep(
      caller,
      JSON.stringify(['keys', relation.oid]),
      async (reader) => {
        const rows = await this.#runner.rows<ConstraintRow>(reader, foreignKeysAt(relation.oid));
        const found: ForeignKey[] = [];
        for (const row of rows) {
          const from = await this.byOid(reader, row.fromOid);
          const to = await this.byOid(reader, row.targetOid);
          if (from !== undefined && to !== undefined) found.push(foreignKeyOf(row, from, to));
        }
        return found;
      },
    );
    return keys ?? [];
  }

  byOid(caller: Caller, oid: string): Promise<Relation | undefined> {
    return this.#keep(caller, JSON.stringify(['oid', oid]), (reader) =>
      this.#read(reader, relationByOid(oid)),
    );
  }

  async #read(
    caller: Caller,
    part: ReturnType<typeof relationByName>,
  ): Promise<Relation | undefined> {
    const [row] = await this.#runner.rows<RelationRow>(caller, part);
    if (row === undefined) return undefined;
    const columns = await this.#runner.rows<ColumnRow>(caller, columnsOf(row.oid));
    const constraints = await this.#runner.rows<ConstraintRow>(caller, constraintsOf(row.oid));
    return relationOf(row, columns, constraints);
  }

  async #names(caller: Caller, schema: string): Promise<readonly string[]> {
    const rows = await this.#runner.rows<{ readonly name: string }>(
      caller,
      sql`SELECT c.relname AS name
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ${schema}::text AND c.relkind IN ('r', 'p', 'v', 'm')
        ORDER BY c.relname LIMIT ${ALIKE_MAX}::int`,
    );
    return rows.map(({ name }) => name);
  }

  /**
   * What was read before while the catalog is the same, or is being read: who asks meanwhile waits
   * for the same answer. In a transaction its own changes are seen, so nothing is kept there.
   */
  async #keep<T extends object>(
    caller: Caller,
    key: string,
    read: (caller: Caller) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    if (caller.session !== undefined) return read(caller);
    const version = this.#catalogVersion();
    if (version !== this.#version) {
      this.#kept.clear();
      this.#version = version;
    }
    const kept = this.#kept.get(key) as Promise<T | undefined> | undefined;
    if (kept !== undefined) return kept;
    // Others may wait for it, so it does not end with the one who asked first.
    const reading = read({ user: caller.user, signal: new AbortController().signal });
    this.#kept.set(key, reading);
    let isCurrent = false;
    try {
      const value = await reading;
      // What was read while the catalog changed may be of either version.
      isCurrent = value !== undefined && this.#catalogVersion() === version;
      return value;
    } finally {
      if (!isCurrent && this.#kept.get(key) === reading) this.#kept.delete(key);
    }
  }

  /** A number that is another one after each change of the catalog. */
  #catalogVersion(): number | undefined {
    const { catalogVersion, commitsPublished } = this.#driver.statistics();
    return catalogVersion ?? commitsPublished;
  }
}

function relationOf(
  { oid, schema, name, kind }: RelationRow,
  columnRows: readonly ColumnRow[],
  constraints: readonly ConstraintRow[],
): Relation {
  const keys = constraints.filter((one) => one.kind === 'p' || one.kind === 'u');
  const uniqueKeys = keys.map(({ columns }) => namesOf(columnRows, columns));
  const primaryKey = keys[0]?.kind === 'p' ? (uniqueKeys[0] ?? []) : [];
  const columns = columnRows.map(
    ({ identity, generated, ...row }): Column => ({
      ...row,
      primaryKey: primaryKey.includes(row.name),
      identity: IDENTITIES[identity] ?? null,
      generated: generated.trim() !== '',
    }),
  );
  return { oid, schema, name, kind: KINDS[kind] ?? 'table', columns, primaryKey, uniqueKeys };
}

function foreignKeyOf(row: ConstraintRow, from: Relation, to: Relation): ForeignKey {
  const columns = namesOf(from.columns, row.columns);
  return {
    name: row.name,
    from: { schema: from.schema, table: from.name, columns },
    to: { schema: to.schema, table: to.name, columns: namesOf(to.columns, row.targetColumns) },
    isUnique: isUniqueBy(from, columns),
  };
}
