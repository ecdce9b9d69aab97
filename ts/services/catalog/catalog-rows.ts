// The statements that read relations from pg_catalog, and the shapes of their rows.
import { type SqlPart, sql } from './sql-part.ts';

export interface RelationRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
}

export interface ColumnRow {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly typeSchema: string;
  readonly typeName: string;
  readonly typeCategory: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly identity: string;
  readonly generated: string;
}

export interface ConstraintRow {
  readonly name: string;
  readonly kind: string;
  /** The numbers of the columns. */
  readonly columns: readonly number[] | null;
  readonly definition: string;
  readonly fromOid: string;
  readonly targetOid: string;
  readonly targetColumns: readonly number[] | null;
}

export interface IndexRow {
  readonly name: string;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly valid: boolean;
  /** The numbers of the columns with blanks between them, 0 for an expression. */
  readonly columns: string;
  readonly definition: string;
}

/** Tables, partitioned tables, views, materialized views. */
export const RELATION_KINDS = sql`('r', 'p', 'v', 'm')`;

const relations = sql`
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ${RELATION_KINDS}`;

export function relationByName(schema: string, name: string): SqlPart {
  return sql`${relations} AND c.relname = ${name}::text AND n.nspname = ${schema}::text`;
}

export function relationByOid(oid: string): SqlPart {
  return sql`${relations} AND c.oid = ${oid}::oid`;
}

export function columnsOf(oid: string): SqlPart {
  return sql`
    SELECT a.attnum AS number, a.attname AS name,
      pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
      tn.nspname AS "typeSchema", t.typname AS "typeName", t.typcategory AS "typeCategory",
      NOT a.attnotnull AS nullable, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS "default",
      a.attidentity AS identity, a.attgenerated AS generated
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ${oid}::oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum`;
}

const constraints = sql`
  SELECT conname AS name, contype AS kind, conkey AS columns,
    pg_catalog.pg_get_constraintdef(oid) AS definition, conrelid::text AS "fromOid",
    confrelid::text AS "targetOid", confkey AS "targetColumns"
  FROM pg_catalog.pg_constraint`;

export function constraintsOf(oid: string): SqlPart {
  return sql`${constraints} WHERE conrelid = ${oid}::oid ORDER BY contype = 'p' DESC, conname`;
}

/** Foreign keys at either end of which the relation stands. */
export function foreignKeysAt(oid: string): SqlPart {
  return sql`${constraints} WHERE contype = 'f'
    AND (conrelid = ${oid}::oid OR confrelid = ${oid}::oid) ORDER BY conname`;
}

export function indexesOf(oid: string): SqlPart {
  return sql`
    SELECT c.relname AS name, i.indisunique AS "unique", i.indisprimary AS "primary",
      i.indisvalid AS valid, i.indkey::text AS columns,
      pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ${oid}::oid ORDER BY c.relname`;
}

export function sizeOf(oid: string): SqlPart {
  return sql`
    SELECT reltuples::bigint AS estimate, pg_catalog.pg_total_relation_size(oid) AS bytes
    FROM pg_catalog.pg_class WHERE oid = ${oid}::oid`;
}
