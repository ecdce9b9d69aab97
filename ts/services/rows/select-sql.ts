// Reading rows as SQL. Embedded tables are subqueries in the list of what is selected: an object, or
// an array of them.
import { RustyError } from '../../errors/index.ts';
import { allOf, commaList, type SqlPart, sql } from '../catalog/sql-part.ts';
import { conditionsOf, linkedSql } from './condition-sql.ts';
import { castTo, fieldSql } from './field-sql.ts';
import { isTypeName } from './parse-select.ts';
import type { Embedded, Level } from './resolve-query.ts';
import type { Aggregate, Field, OrderTerm, SelectedField } from './row-query.ts';

interface Output {
  readonly name: string;
  readonly expression: SqlPart;
  readonly isAggregate: boolean;
}

const AGGREGATES: Readonly<Record<Aggregate, SqlPart>> = {
  sum: sql`sum`,
  avg: sql`avg`,
  count: sql`count`,
  min: sql`min`,
  max: sql`max`,
};

/** A type that a request names; the parser let nothing else through. */
function typeNamed(name: string): SqlPart {
  if (!isTypeName(name)) throw RustyError.of('VALIDATION_ERROR', { what: `the type ${name}` });
  return sql.raw(name);
}

const castIf = (expression: SqlPart, type: string | undefined): SqlPart =>
  type === undefined ? expression : castTo(expression, typeNamed(type));

/** A step into JSON is named by its last key that is no index. */
function nameOf({ alias, aggregate, field }: SelectedField): string {
  if (alias !== undefined) return alias;
  if (aggregate !== undefined || field === undefined) return aggregate ?? 'count';
  const keys = field.path.filter(({ key }) => typeof key === 'string');
  return String(keys.at(-1)?.key ?? field.name);
}

function fieldOutput(level: Level, item: SelectedField): Output {
  const name = nameOf(item);
  const { field, cast, aggregate, aggregateCast } = item;
  if (field === undefined) {
    return { name, expression: castIf(sql`count(*)`, aggregateCast), isAggregate: true };
  }
  const value = castIf(fieldSql(level, field), cast);
  if (aggregate === undefined) return { name, expression: value, isAggregate: false };
  const expression = castIf(sql`${AGGREGATES[aggregate]}(${value})`, aggregateCast);
  return { name, expression, isAggregate: true };
}

function outputsOf(level: Level): readonly Output[] {
  const { alias, relation, items, embedded } = level;
  const tables = embedded[Symbol.iterator]();
  return items.flatMap((item): readonly Output[] => {
    if (item.kind === 'field') return [fieldOutput(level, item)];
    if (item.kind === 'all') {
      return relation.columns.map(({ name }) => ({
        name,
        expression: sql.id(alias, name),
        isAggregate: false,
      }));
    }
    const one = tables.next().value;
    if (one === undefined || item.items.length === 0) return [];
    return [{ name: one.name, expression: embeddedSql(level, one), isAggregate: false }];
  });
}

/** `GROUP BY` the positions of what is not aggregated, if anything is. */
function groupSql(outputs: readonly Output[]): SqlPart {
  if (!outputs.some(({ isAggregate }) => isAggregate)) return sql``;
  const positions = outputs.flatMap(({ isAggregate }, at) => (isAggregate ? [] : [at + 1]));
  return positions.length === 0 ? sql`` : sql` GROUP BY ${sql.raw(positions.join(', '))}`;
}

/** A column, or by its place something else that is selected under this name. */
function sortedBy(level: Level, field: Field, outputs: readonly Output[]): SqlPart {
  const isColumn = level.relation.columns.some(({ name }) => name === field.name);
  const at = outputs.findIndex(({ name }) => name === field.name);
  if (isColumn || at < 0 || field.path.length > 0) return fieldSql(level, field);
  return sql.raw(String(at + 1));
}

function termSql(
  level: Level,
  { field, table, isDescending, nulls }: OrderTerm,
  outputs: readonly Output[],
): SqlPart {
  const direction = isDescending ? sql` DESC` : sql` ASC`;
  const place =
    nulls === undefined ? sql`` : nulls === 'first' ? sql` NULLS FIRST` : sql` NULLS LAST`;
  if (table === undefined) {
    return sql`${sortedBy(level, field, outputs)}${direction}${place}`;
  }
  const embedded = level.embedded.find(({ name }) => name === table);
  if (embedded?.link.isToOne !== true) {
    throw RustyError.of('VALIDATION_ERROR', {
      what: `query: order: "${table}" is no embedded table with one row for each`,
    });
  }
  const { from, where } = linkedSql(level, embedded);
  const value = sql`(SELECT ${fieldSql(embedded.level, field)} FROM ${from} WHERE ${where})`;
  return sql`${value}${direction}${place}`;
}

/** `ORDER BY`, `LIMIT` and `OFFSET`, as far as they are asked for. */
function tailSql(level: Level, outputs: readonly Output[]): SqlPart {
  const { order, limit, offset } = level.clauses;
  const terms = order.map((term) => termSql(level, term, outputs));
  const sorted = terms.length === 0 ? sql`` : sql` ORDER BY ${commaList(terms)}`;
  const limited = limit === undefined ? sql`` : sql` LIMIT ${castTo(limit, sql`bigint`)}`;
  const moved = offset === undefined ? sql`` : sql` OFFSET ${castTo(offset, sql`bigint`)}`;
  return sql`${sorted}${limited}${moved}`;
}

/** The rows of an embedded table as JSON: one object, or all of them in an array. */
function embeddedSql(outer: Level, embedded: Embedded): SqlPart {
  const { level, link } = embedded;
  const outputs = outputsOf(level);
  const { from, where } = linkedSql(outer, embedded);
  const rows = sql.id(`${level.alias}r`);
  const list = outputs.map(({ expression }, at) => sql`${expression} AS ${sql.id(`f${at}`)}`);
  const members = outputs.flatMap(({ name }, at) => [
    castTo(name, sql`text`),
    sql`${rows}.${sql.id(`f${at}`)}`,
  ]);
  const object = sql`json_build_object(${sql.join(members)})`;
  const body = link.isToOne ? object : sql`coalesce(json_agg(${object}), '[]'::json)`;
  const conditions = sql.join([where, ...conditionsOf(level)], sql` AND `);
  return sql`(SELECT ${body} FROM (SELECT ${commaList(list)} FROM ${from} WHERE ${conditions}${groupSql(outputs)}${tailSql(level, outputs)}) AS ${rows})`;
}

/** The table of the path, as it stands behind FROM. */
export function tableSql({ relation, alias }: Level): SqlPart {
  return sql`${sql.id(relation.schema, relation.name)} AS ${sql.id(alias)}`;
}

/** Reads rows from `source`, which has the columns of the level's table under its alias. */
export function selectFrom(level: Level, source: SqlPart, conditions: readonly SqlPart[]): SqlPart {
  const outputs = outputsOf(level);
  const list = outputs.map(({ name, expression }) => sql`${expression} AS ${sql.id(name)}`);
  const columns = list.length === 0 ? sql`` : commaList(list);
  return sql`SELECT ${columns} FROM ${source} WHERE ${allOf(conditions)}${groupSql(outputs)}${tailSql(level, outputs)}`;
}

/** How many rows there are, whatever the limit. */
export function countSql(level: Level, conditions: readonly SqlPart[]): SqlPart {
  return sql`SELECT count(*) AS total FROM ${tableSql(level)} WHERE ${allOf(conditions)}`;
}
