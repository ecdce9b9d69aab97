import { RustyError } from '../../errors/index.ts';
import {
  type ConstraintRow,
  constraintsOf,
  type IndexRow,
  indexesOf,
  sizeOf,
} from './catalog-rows.ts';
import { OBJECT_KINDS, type ObjectKind, SYSTEM_SCHEMAS } from './object-kinds.ts';
import type {
  Column,
  Constraint,
  IndexOfTable,
  Relation,
  RelationKind,
  RelationName,
} from './relation.ts';
import { namesOf, type RelationReader } from './relation-reader.ts';
import { allOf, type SqlPart, sql } from './sql-part.ts';
import type { Caller, StatementRunner } from './statement-runner.ts';

/** An object as a list shows it. */
export interface CatalogObject {
  readonly schema: string;
  readonly name: string;
  readonly [property: string]: unknown;
}

export interface PageRequest {
  /** Of any but the system's where there is none. */
  readonly schema?: string;
  readonly limit: number;
  readonly offset: number;
  /** The last object of the page before. */
  readonly after?: RelationName;
}

export interface Page {
  readonly items: readonly CatalogObject[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** A table with everything that belongs to it. */
export interface TableDescription {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly columns: readonly Omit<Column, 'number' | 'typeSchema' | 'typeName' | 'typeCategory'>[];
  readonly primaryKey: readonly string[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly IndexOfTable[];
  /** Null before the table was analyzed. */
  readonly rowEstimate: number | null;
  readonly bytes: number;
}

const CONSTRAINT_KINDS: Readonly<Record<string, Constraint['kind']>> = {
  p: 'primary',
  u: 'unique',
  c: 'check',
  f: 'foreign',
};

const systemSchemas = sql.join(SYSTEM_SCHEMAS.map((name) => sql`${name}::text`));

function filtersOf(kind: ObjectKind, schema: string | undefined): SqlPart {
  // What other sessions have for themselves is not theirs who ask here.
  if (kind === 'schema') {
    return sql`name NOT IN (${systemSchemas}) AND NOT starts_with(name, 'pg_temp_')`;
  }
  return schema === undefined
    ? sql`schema NOT IN (${systemSchemas}) AND NOT starts_with(schema, 'pg_temp_')`
    : sql`schema = ${schema}::text`;
}

/** What there is in the database, as the catalog says. */
export class CatalogService {
  readonly #runner: StatementRunner;
  readonly #reader: RelationReader;

  constructor(runner: StatementRunner, reader: RelationReader) {
    this.#runner = runner;
    this.#reader = reader;
  }

  /** A page of the objects of a kind, by schema and name. */
  async list(caller: Caller, kind: ObjectKind, page: PageRequest): Promise<Page> {
    const { schema, limit, offset, after } = page;
    const objects = sql`(${OBJECT_KINDS[kind]}) AS objects`;
    const filter = filtersOf(kind, schema);
    const [counted] = await this.#runner.rows<{ readonly total: number }>(
      caller,
      sql`SELECT count(*) AS total FROM ${objects} WHERE ${filter}`,
    );
    const behind =
      after === undefined
        ? []
        : [
            sql`(schema > ${after.schema}::text
              OR (schema = ${after.schema}::text AND name > ${after.name}::text))`,
          ];
    const items = await this.#runner.rows<CatalogObject>(
      caller,
      sql`SELECT * FROM ${objects} WHERE ${allOf([filter, ...behind])}
        ORDER BY schema, name LIMIT ${limit + 1}::bigint OFFSET ${offset}::bigint`,
    );
    return {
      items: items.slice(0, limit),
      total: counted?.total ?? 0,
      hasMore: items.length > limit,
    };
  }

  /** The object, or undefined. */
  async find(
    caller: Caller,
    kind: ObjectKind,
    { schema, name }: RelationName,
  ): Promise<CatalogObject | undefined> {
    const [found] = await this.#runner.rows<CatalogObject>(
      caller,
      sql`SELECT * FROM (${OBJECT_KINDS[kind]}) AS objects
        WHERE name = ${name}::text AND schema = ${schema}::text`,
    );
    return found;
  }

  /** The object, or NOT_FOUND. */
  async get(caller: Caller, kind: ObjectKind, name: RelationName): Promise<CatalogObject> {
    const found = await this.find(caller, kind, name);
    if (found !== undefined) return found;
    const shown = name.schema === '' ? `"${name.name}"` : `"${name.schema}"."${name.name}"`;
    throw RustyError.of('NOT_FOUND', { what: `${kind} ${shown}` });
  }

  /** A table or view with its columns, constraints, indexes and size. */
  async describe(caller: Caller, name: RelationName): Promise<TableDescription> {
    const relation = await this.#reader.relation(caller, name);
    const { oid } = relation;
    const constraints = await this.#runner.rows<ConstraintRow>(caller, constraintsOf(oid));
    const indexes = await this.#runner.rows<IndexRow>(caller, indexesOf(oid));
    const [size] = await this.#runner.rows<{ estimate: number; bytes: number }>(
      caller,
      sizeOf(oid),
    );
    const described: Constraint[] = [];
    for (const row of constraints) described.push(await this.#constraint(caller, relation, row));
    return {
      schema: relation.schema,
      name: relation.name,
      kind: relation.kind,
      columns: relation.columns.map(shownColumn),
      primaryKey: relation.primaryKey,
      constraints: described,
      indexes: indexes.map((row) => shownIndex(relation, row)),
      rowEstimate: size === undefined || size.estimate < 0 ? null : size.estimate,
      bytes: size?.bytes ?? 0,
    };
  }

  async #constraint(caller: Caller, relation: Relation, row: ConstraintRow): Promise<Constraint> {
    const constraint = {
      name: row.name,
      kind: CONSTRAINT_KINDS[row.kind] ?? 'check',
      columns: namesOf(relation.columns, row.columns),
      definition: row.definition,
    };
    if (constraint.kind !== 'foreign') return constraint;
    const target = await this.#reader.byOid(caller, row.targetOid);
    if (target === undefined) return constraint;
    const { schema, name: table } = target;
    const columns = namesOf(target.columns, row.targetColumns);
    return { ...constraint, target: { schema, table, columns } };
  }
}

function shownColumn(column: Column): TableDescription['columns'][number] {
  const { number: _, typeSchema: _schema, typeName: _name, typeCategory: _kind, ...shown } = column;
  return shown;
}

function shownIndex({ columns }: Relation, row: IndexRow): IndexOfTable {
  const numbers = row.columns.split(' ').map(Number);
  return { ...row, columns: namesOf(columns, numbers) };
}
