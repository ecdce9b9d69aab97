// Definitions of tables as SQL.
import { RustyError } from '../../errors/index.ts';
import type { RelationName } from '../catalog/relation.ts';
import { commaList, idOf, type SqlPart, sql } from '../catalog/sql-part.ts';
import { isTypeName } from '../rows/parse-select.ts';
import {
  type CheckDefinition,
  type ColumnChange,
  type ColumnDefinition,
  type DefaultValue,
  type DropOptions,
  type IndexDefinition,
  REFERENCE_ACTIONS,
  type Reference,
  type ReferenceAction,
  type TableChange,
  type TableDefinition,
} from './definitions.ts';
import { expressionSql } from './sql-expression.ts';

const nameSql = ({ schema, name }: RelationName): SqlPart => idOf(schema, name);

export const nameList = (names: readonly string[]): SqlPart =>
  commaList(names.map((name) => idOf(name)));

/** Only the shape of the name is checked; whether there is such a type the engine says. */
export function typeSql(where: string, type: string): SqlPart {
  if (isTypeName(type)) return sql.raw(type);
  throw RustyError.of('VALIDATION_ERROR', {
    what: `${where}: ${JSON.stringify(type)} is no name of a type`,
  });
}

/** The value as SQL; text is an expression. */
function defaultSql(column: string, value: DefaultValue): SqlPart {
  return typeof value === 'string'
    ? sql`(${expressionSql(`default of ${column}`, value)})`
    : sql.lit(value);
}

function actionSql(word: SqlPart, action: ReferenceAction | undefined): SqlPart {
  // The words are ours: only one of the list gets here.
  const known = REFERENCE_ACTIONS.find((one) => one === action);
  return known === undefined ? sql`` : sql` ${word} ${sql.raw(known.toUpperCase())}`;
}

/** `customers`, `shop.customers`, `customers(id)`. */
function parseReference(column: string, text: string): Reference {
  const found = /^(?:([^.()]+)\.)?([^.()]+)(?:\(([^()]+)\))?$/.exec(text);
  if (found?.[2] === undefined) {
    throw RustyError.of('VALIDATION_ERROR', {
      what: `references of ${column}: expected table(column), found ${JSON.stringify(text)}`,
    });
  }
  return { table: found[2], schema: found[1], column: found[3] };
}

function referenceSql(schema: string, column: string, given: string | Reference): SqlPart {
  const reference = typeof given === 'string' ? parseReference(column, given) : given;
  const target = idOf(reference.schema ?? schema, reference.table);
  const key = reference.column === undefined ? sql`` : sql` (${idOf(reference.column)})`;
  const onDelete = actionSql(sql`ON DELETE`, reference.onDelete);
  const onUpdate = actionSql(sql`ON UPDATE`, reference.onUpdate);
  return sql` REFERENCES ${target}${key}${onDelete}${onUpdate}`;
}

function columnSql(schema: string, column: ColumnDefinition, isKey: boolean): SqlPart {
  const { name, type, nullable, unique, identity, generated, references } = column;
  const parts: SqlPart[] = [sql`${idOf(name)} ${typeSql(`type of ${name}`, type)}`];
  if (nullable === false) parts.push(sql` NOT NULL`);
  if (column.default !== undefined) parts.push(sql` DEFAULT ${defaultSql(name, column.default)}`);
  if (identity !== undefined) {
    const when = identity === 'always' ? sql`ALWAYS` : sql`BY DEFAULT`;
    parts.push(sql` GENERATED ${when} AS IDENTITY`);
  }
  if (generated !== undefined) {
    const expression = expressionSql(`generated of ${name}`, generated);
    parts.push(sql` GENERATED ALWAYS AS (${expression}) STORED`);
  }
  if (isKey) parts.push(sql` PRIMARY KEY`);
  if (unique === true) parts.push(sql` UNIQUE`);
  if (references !== undefined) parts.push(referenceSql(schema, name, references));
  return sql.join(parts, sql``);
}

function checkSql(check: CheckDefinition): SqlPart {
  const { name, expression } = typeof check === 'string' ? { expression: check } : check;
  const named = name === undefined ? sql`` : sql`CONSTRAINT ${idOf(name)} `;
  return sql`${named}CHECK (${expressionSql('checks', expression)})`;
}

export function createTableSql(table: TableDefinition): SqlPart {
  const key = table.columns.filter(({ primaryKey }) => primaryKey === true);
  const columns = table.columns.map((column) =>
    columnSql(table.schema, column, key.length === 1 && key[0] === column),
  );
  const wideKey =
    key.length > 1 ? [sql`PRIMARY KEY (${nameList(key.map(({ name }) => name))})`] : [];
  const parts = [...columns, ...wideKey, ...table.checks.map(checkSql)];
  const list = parts.length === 0 ? sql`` : commaList(parts);
  return sql`CREATE TABLE ${nameSql(table)} (${list})`;
}

export function createIndexSql(
  table: RelationName,
  { name, columns, unique }: IndexDefinition,
  method?: string,
): SqlPart {
  const kind = unique === true ? sql`UNIQUE INDEX` : sql`INDEX`;
  const named = name === undefined ? sql`` : sql` ${idOf(name)}`;
  const using = method === undefined ? sql`` : sql` USING ${idOf(method)}`;
  return sql`CREATE ${kind}${named} ON ${nameSql(table)}${using} (${nameList(columns)})`;
}

function alterSql(change: ColumnChange): readonly SqlPart[] {
  const { name, type, using, nullable } = change;
  const column = sql`ALTER COLUMN ${idOf(name)}`;
  const parts: SqlPart[] = [];
  if (type !== undefined) {
    const by =
      using === undefined ? sql`` : sql` USING (${expressionSql(`using of ${name}`, using)})`;
    parts.push(sql`${column} TYPE ${typeSql(`type of ${name}`, type)}${by}`);
  }
  if (nullable !== undefined) {
    parts.push(nullable ? sql`${column} DROP NOT NULL` : sql`${column} SET NOT NULL`);
  }
  if (change.default === null) parts.push(sql`${column} DROP DEFAULT`);
  else if (change.default !== undefined) {
    parts.push(sql`${column} SET DEFAULT ${defaultSql(name, change.default)}`);
  }
  return parts;
}

/** The statements of a change, in their order. */
export function changeTableSql(table: RelationName, change: TableChange): readonly SqlPart[] {
  const alter = sql`ALTER TABLE ${nameSql(table)}`;
  const actions = [
    ...change.drop.map((name) => sql`DROP COLUMN ${idOf(name)}`),
    ...change.alter.flatMap(alterSql),
    ...change.add.map(
      (column) => sql`ADD COLUMN ${columnSql(table.schema, column, column.primaryKey === true)}`,
    ),
  ];
  const renames = change.rename.map(
    ({ from, to }) => sql`${alter} RENAME COLUMN ${idOf(from)} TO ${idOf(to)}`,
  );
  return [...actions.map((action) => sql`${alter} ${action}`), ...renames];
}

/** `DROP TABLE IF EXISTS "s"."t" CASCADE`; `what` is the kind of the object. */
export function dropSql(what: SqlPart, name: SqlPart, options: DropOptions): SqlPart {
  const exists = options.ifExists ? sql` IF EXISTS` : sql``;
  const cascade = options.cascade ? sql` CASCADE` : sql``;
  return sql`DROP ${what}${exists} ${name}${cascade}`;
}
