// The kinds of objects that the catalog lists: each a query with `schema` and `name` first.
import { type SqlPart, sql } from './sql-part.ts';

const joinSchema = sql`JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

/** Schemas have no schema; theirs is empty. */
const schemas = sql`
  SELECT '' AS schema, n.nspname AS name, pg_catalog.pg_get_userbyid(n.nspowner) AS owner
  FROM pg_catalog.pg_namespace n`;

/** Nor have databases; templates are the system's. */
const databases = sql`
  SELECT '' AS schema, d.datname AS name, pg_catalog.pg_get_userbyid(d.datdba) AS owner,
    pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS "collation"
  FROM pg_catalog.pg_database d WHERE NOT d.datistemplate`;

const tables = sql`
  SELECT n.nspname AS schema, c.relname AS name, 'table' AS kind,
    nullif(c.reltuples::bigint, -1) AS "rowEstimate",
    pg_catalog.pg_total_relation_size(c.oid) AS bytes
  FROM pg_catalog.pg_class c ${joinSchema} WHERE c.relkind IN ('r', 'p')`;

const views = sql`
  SELECT n.nspname AS schema, c.relname AS name,
    pg_catalog.pg_get_viewdef(c.oid) AS definition
  FROM pg_catalog.pg_class c ${joinSchema} WHERE c.relkind = 'v'`;

const materializedViews = sql`
  SELECT n.nspname AS schema, c.relname AS name,
    pg_catalog.pg_get_viewdef(c.oid) AS definition, c.relispopulated AS populated
  FROM pg_catalog.pg_class c ${joinSchema} WHERE c.relkind = 'm'`;

const indexes = sql`
  SELECT n.nspname AS schema, c.relname AS name, t.relname AS "table",
    i.indisunique AS "unique", i.indisprimary AS "primary", i.indisvalid AS valid,
    pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid ${joinSchema}`;

const sequences = sql`
  SELECT schemaname AS schema, sequencename AS name, data_type::text AS type,
    start_value AS start, min_value AS min, max_value AS max, increment_by AS increment,
    cycle, cache_size AS cache, last_value AS "lastValue"
  FROM pg_catalog.pg_sequences`;

/** What there are routes to drop. */
export type DroppedKind = 'schema' | 'table' | 'view' | 'materialized view' | 'index' | 'sequence';

export type ObjectKind = DroppedKind | 'database';

export const OBJECT_KINDS: Readonly<Record<ObjectKind, SqlPart>> = {
  database: databases,
  schema: schemas,
  table: tables,
  view: views,
  'materialized view': materializedViews,
  index: indexes,
  sequence: sequences,
};

/** Schemas of the system: listed only where they are asked for. */
export const SYSTEM_SCHEMAS = ['pg_catalog', 'information_schema', 'pg_toast'] as const;
