// Conditions as SQL; every value is a parameter with a cast to the type of its column, so that what
// is no such value is refused in the type's own words.
import { RustyError } from '../../errors/index.ts';
import { type SqlPart, sql } from '../catalog/sql-part.ts';
import { castTo, comparedType, fieldSql } from './field-sql.ts';
import type { Level } from './resolve-query.ts';
import type { Comparison, Condition, Operator } from './row-query.ts';

/** The SQL of operators with a value on each side. */
const SYMBOLS: Readonly<Partial<Record<Operator, SqlPart>>> = {
  eq: sql`=`,
  neq: sql`<>`,
  gt: sql`>`,
  gte: sql`>=`,
  lt: sql`<`,
  lte: sql`<=`,
  isdistinct: sql`IS DISTINCT FROM`,
  like: sql`LIKE`,
  ilike: sql`ILIKE`,
  match: sql`~`,
  imatch: sql`~*`,
  cs: sql`@>`,
  cd: sql`<@`,
  ov: sql`&&`,
};

/** What `is` takes. */
const STATES: Readonly<Record<string, SqlPart>> = {
  null: sql`IS NULL`,
  not_null: sql`IS NOT NULL`,
  true: sql`IS TRUE`,
  false: sql`IS FALSE`,
  unknown: sql`IS UNKNOWN`,
};

const isPattern = (operator: Operator): boolean =>
  ['like', 'ilike', 'match', 'imatch'].includes(operator);

/** In URLs `*` stands for `%`, which would have to be encoded. */
const patternOf = (operator: Operator, value: string): string =>
  operator === 'like' || operator === 'ilike' ? value.replaceAll('*', '%') : value;

function stateSql(expression: SqlPart, value: string): SqlPart {
  const state = Object.hasOwn(STATES, value.toLowerCase())
    ? STATES[value.toLowerCase()]
    : undefined;
  if (state !== undefined) return sql`${expression} ${state}`;
  throw RustyError.of('VALIDATION_ERROR', {
    what: `query: is: expected one of ${Object.keys(STATES).join(', ')}, found ${JSON.stringify(value)}`,
  });
}

function comparisonSql(level: Level, comparison: Comparison): SqlPart {
  const { field, operator, quantifier, value } = comparison;
  const expression = fieldSql(level, field);
  const type = isPattern(operator) ? sql`text` : comparedType(level, field);
  if (typeof value !== 'string') {
    const list = value.map((one) => castTo(one, type));
    return list.length === 0 ? sql`false` : sql`${expression} IN (${sql.join(list)})`;
  }
  if (operator === 'is') return stateSql(expression, value);
  const symbol = SYMBOLS[operator];
  if (symbol === undefined)
    throw RustyError.of('NOT_IMPLEMENTED', { what: `operator ${operator}` });
  const wanted = patternOf(operator, value);
  if (quantifier === undefined) return sql`${expression} ${symbol} ${castTo(wanted, type)}`;
  const word = quantifier === 'any' ? sql`ANY` : sql`ALL`;
  return sql`${expression} ${symbol} ${word} (${castTo(wanted, sql`${type}[]`)})`;
}

/** `child=is.null`: there is no row of an embedded table. */
function absenceSql(level: Level, { field, operator, value }: Comparison): SqlPart | undefined {
  if (field.path.length > 0 || level.relation.columns.some(({ name }) => name === field.name)) {
    return undefined;
  }
  const embedded = level.embedded.find(({ name }) => name === field.name);
  if (embedded === undefined) return undefined;
  if (operator !== 'is' || (value !== 'null' && value !== 'not_null')) {
    throw RustyError.of('VALIDATION_ERROR', {
      what: `query: ${field.name}: an embedded table can be is.null or not.is.null`,
    });
  }
  const exists = existsSql(level, embedded);
  return value === 'null' ? sql`NOT ${exists}` : exists;
}

export function conditionSql(level: Level, condition: Condition): SqlPart {
  const expression =
    condition.kind === 'comparison'
      ? (absenceSql(level, condition) ?? comparisonSql(level, condition))
      : sql.join(
          condition.parts.map((part) => sql`(${conditionSql(level, part)})`),
          condition.kind === 'and' ? sql` AND ` : sql` OR `,
        );
  return condition.isNegated ? sql`NOT (${expression})` : sql`(${expression})`;
}

/** The rows of an embedded table that belong to the row outside: what follows FROM. */
export function linkedSql(
  outer: Level,
  { link, level }: Level['embedded'][number],
): { readonly from: SqlPart; readonly where: SqlPart } {
  const { relation, alias } = level;
  const table = sql`${sql.id(relation.schema, relation.name)} AS ${sql.id(alias)}`;
  const { via, pairs } = link;
  if (via === undefined) {
    const equal = pairs.map(
      ([outside, inside]) => sql`${sql.id(alias, inside)} = ${sql.id(outer.alias, outside)}`,
    );
    return { from: table, where: sql.join(equal, sql` AND `) };
  }
  const between = `${alias}b`;
  const equal = [
    ...pairs.map(
      ([outside, inside]) => sql`${sql.id(between, inside)} = ${sql.id(outer.alias, outside)}`,
    ),
    ...via.innerPairs.map(
      ([outside, inside]) => sql`${sql.id(between, outside)} = ${sql.id(alias, inside)}`,
    ),
  ];
  return {
    from: sql`${sql.id(via.table.schema, via.table.table)} AS ${sql.id(between)}, ${table}`,
    where: sql.join(equal, sql` AND `),
  };
}

/** There is a row of the embedded table that meets its own conditions. */
export function existsSql(outer: Level, embedded: Level['embedded'][number]): SqlPart {
  const { from, where } = linkedSql(outer, embedded);
  const conditions = [where, ...conditionsOf(embedded.level)];
  return sql`EXISTS (SELECT 1 FROM ${from} WHERE ${sql.join(conditions, sql` AND `)})`;
}

/** What the rows of a table must meet: its filters, and the embedded tables that are `!inner`. */
export function conditionsOf(level: Level): readonly SqlPart[] {
  return [
    ...level.clauses.where.map((condition) => conditionSql(level, condition)),
    ...level.embedded.filter(({ item }) => item.isInner).map((one) => existsSql(level, one)),
  ];
}
