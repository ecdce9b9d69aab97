// Expressions of a wanted family over the columns in scope.
import type { Random } from '../support/random.ts';
import type { Column } from './schema.ts';
import { FAMILIES, FAMILY_NAMES, type Family, literal, TYPES, type Type } from './values.ts';

/** A column as a query may name it. */
export interface Name {
  readonly sql: string;
  readonly column: Column;
}

export interface Scope {
  readonly random: Random;
  readonly names: readonly Name[];
  /** Makes a subquery that gives one column of the family, at most one row. */
  readonly subquery?: (family: Family) => string;
}

const typesOf = (family: Family): readonly Type[] =>
  TYPES.filter((type) => FAMILIES[type] === family);

function leaf({ random, names }: Scope, family: Family): string {
  const able = names.filter(({ column }) => column.family === family);
  if (able.length > 0 && random.chance(70)) return random.pick(able).sql;
  return literal(random, random.pick(typesOf(family)));
}

type Make = (scope: Scope, depth: number) => string;

const of =
  (family: Family): Make =>
  (scope, depth) =>
    expression(scope, family, depth);
const small: Make = ({ random }) => String(random.below(6) - 1);

/** Calls and operators by the family that they give; `@` stands for the next operand. */
const FORMS: Readonly<Record<Family, readonly (readonly [string, ...Make[]])[]>> = {
  integer: [
    ['(@ + @)', of('integer'), of('integer')],
    ['(@ - @)', of('integer'), of('integer')],
    ['(@ * @)', of('integer'), of('integer')],
    ['(@ / @)', of('integer'), of('integer')],
    ['(@ % @)', of('integer'), of('integer')],
    ['(- @)', of('integer')],
    ['abs(@)', of('integer')],
    ['length(@)', of('text')],
    ['octet_length(@)', of('text')],
    ['position(@ in @)', of('text'), of('text')],
    ['ascii(@)', of('text')],
    ['cardinality(@)', of('array')],
    ['array_length(@, 1)', of('array')],
    ['(@)[@]', of('array'), small],
    ['(@ - @)', of('date'), of('date')],
    ['sign(@)::int', of('numeric')],
    ['(@)::integer', of('numeric')],
    ['(@)::integer', of('float')],
    ['(@)::bigint', of('integer')],
    ['(@)::smallint', of('integer')],
    ['(@)::integer', of('boolean')],
    ['(@ & @)', of('integer'), of('integer')],
    ['(@ | @)', of('integer'), of('integer')],
    ['(@ # @)', of('integer'), of('integer')],
    ['jsonb_array_length(@)', of('jsonb')],
    ['greatest(@, @)', of('integer'), of('integer')],
    ['least(@, @)', of('integer'), of('integer')],
    ['gcd(@::int, @::int)', of('integer'), of('integer')],
  ],
  numeric: [
    ['(@ + @)', of('numeric'), of('numeric')],
    ['(@ - @)', of('numeric'), of('integer')],
    ['(@ * @)', of('numeric'), of('numeric')],
    ['(@ / @)', of('numeric'), of('numeric')],
    ['(@ % @)', of('numeric'), of('numeric')],
    ['round(@, @)', of('numeric'), small],
    ['trunc(@, @)', of('numeric'), small],
    ['floor(@)', of('numeric')],
    ['ceil(@)', of('numeric')],
    ['abs(@)', of('numeric')],
    ['(@)::numeric', of('integer')],
    ['(@)::numeric(8,2)', of('numeric')],
    ['extract(year from @)', of('date')],
    ['extract(epoch from @)', of('interval')],
    ['extract(month from @)', of('timestamp')],
  ],
  float: [
    ['(@ + @)', of('float'), of('float')],
    ['(@ * @)', of('float'), of('float')],
    ['(@ / @)', of('float'), of('integer')],
    ['floor(@)', of('float')],
    ['(@)::double precision', of('numeric')],
    ['abs(@)', of('float')],
  ],
  text: [
    ['(@ || @)', of('text'), of('text')],
    ['upper(@)', of('text')],
    ['lower(@)', of('text')],
    ['substr(@, @)', of('text'), small],
    ['substring(@ from @ for 2)', of('text'), small],
    ['left(@, @)', of('text'), small],
    ['right(@, @)', of('text'), small],
    ['trim(@)', of('text')],
    ['lpad(@, 4, @)', of('text'), of('text')],
    ['replace(@, @, @)', of('text'), of('text'), of('text')],
    ['reverse(@)', of('text')],
    ['repeat(@, @)', of('text'), small],
    ['split_part(@, @, 1)', of('text'), of('text')],
    ['(@)::text', of('integer')],
    ['(@)::text', of('numeric')],
    ['(@)::text', of('float')],
    ['(@)::text', of('date')],
    ['(@)::text', of('timestamp')],
    ['(@)::text', of('interval')],
    ['(@)::text', of('jsonb')],
    ['(@)::text', of('array')],
    ['(@)::varchar(5)', of('text')],
    ["to_char(@, 'YYYY-MM-DD')", of('date')],
    ["to_char(@, 'FM999990.00')", of('numeric')],
    ["(@ ->> 'a')", of('jsonb')],
    ['md5(@)', of('text')],
    ['concat(@, @)', of('text'), of('integer')],
    ['initcap(@)', of('text')],
    ["array_to_string(@, ',')", of('array')],
    ['translate(@, @, @)', of('text'), of('text'), of('text')],
    ['quote_literal(@)', of('text')],
  ],
  boolean: [
    ['(@ AND @)', of('boolean'), of('boolean')],
    ['(@ OR @)', of('boolean'), of('boolean')],
    ['(NOT @)', of('boolean')],
    ['(@ LIKE @)', of('text'), of('text')],
    ['(@ ILIKE @)', of('text'), of('text')],
    ['starts_with(@, @)', of('text'), of('text')],
    ['(@ ? @)', of('jsonb'), of('text')],
    ['(@ @> @)', of('jsonb'), of('jsonb')],
    ['(@ && @)', of('array'), of('array')],
    ['(@ @> @)', of('array'), of('array')],
    ['(@ = ANY (@))', of('integer'), of('array')],
    ['((@, @) < (@, @))', of('integer'), of('text'), of('integer'), of('text')],
    ['(@ IS TRUE)', of('boolean')],
    ['(@ IS NOT FALSE)', of('boolean')],
  ],
  date: [
    ['(@ + @)', of('date'), small],
    ['(@)::date', of('timestamp')],
    ['make_date(2024, @, 1)', small],
  ],
  timestamp: [
    ['(@ + @)', of('timestamp'), of('interval')],
    ['(@ - @)', of('timestamp'), of('interval')],
    ["date_trunc('month', @)", of('timestamp')],
    ["date_trunc('day', @)", of('timestamp')],
    ['(@)::timestamp', of('date')],
  ],
  interval: [
    ['(@ - @)', of('timestamp'), of('timestamp')],
    ['(@ + @)', of('interval'), of('interval')],
    ['(@ * @)', of('interval'), small],
    ['(- @)', of('interval')],
    ['age(@, @)', of('timestamp'), of('timestamp')],
    ['justify_days(@)', of('interval')],
  ],
  uuid: [],
  bytea: [
    ['(@ || @)', of('bytea'), of('bytea')],
    ["convert_to(@, 'UTF8')", of('text')],
  ],
  jsonb: [
    ["(@ -> 'a')", of('jsonb')],
    ['(@ -> @)', of('jsonb'), small],
    ['to_jsonb(@)', of('integer')],
    ['to_jsonb(@)', of('text')],
    ['jsonb_build_array(@, @)', of('integer'), of('text')],
    ["jsonb_build_object('k', @)", of('numeric')],
    ['(@ || @)', of('jsonb'), of('jsonb')],
    ["(@ #> '{a,b}')", of('jsonb')],
  ],
  array: [
    ['(@ || @)', of('array'), of('array')],
    ['ARRAY[@, @]::integer[]', of('integer'), of('integer')],
    ['array_append(@, (@)::int)', of('array'), of('integer')],
    ['array_remove(@, (@)::int)', of('array'), of('integer')],
  ],
};

function fill(form: readonly [string, ...Make[]], scope: Scope, depth: number): string {
  const [text, ...makes] = form;
  let at = 0;
  // `@>` is an operator, a lone `@` a place.
  return text.replace(/@(?!>)/g, () => makes[at++]?.(scope, depth - 1) ?? 'NULL');
}

function predicate(scope: Scope, depth: number): string {
  const { random } = scope;
  const family = random.pick(FAMILY_NAMES);
  const value = (): string => expression(scope, family, depth - 1);
  switch (random.below(8)) {
    case 0:
      return `(${value()} IS NULL)`;
    case 1:
      return `(${value()} IS NOT NULL)`;
    case 2:
      return `(${value()} IS DISTINCT FROM ${value()})`;
    case 3:
      return `(${value()} BETWEEN ${value()} AND ${value()})`;
    case 4:
      return `(${value()}${random.chance(30) ? ' NOT' : ''} IN (${random.list(3, value).join(', ')}))`;
    default:
      return `(${value()} ${random.pick(['=', '<>', '<', '<=', '>', '>='])} ${value()})`;
  }
}

/** An expression of the family; the deeper the longer. */
export function expression(scope: Scope, family: Family, depth: number): string {
  const { random, subquery } = scope;
  if (depth <= 0 || random.chance(30)) return leaf(scope, family);
  const again = (): string => expression(scope, family, depth - 1);
  switch (random.below(12)) {
    case 0: {
      const when = (): string => `WHEN ${expression(scope, 'boolean', depth - 1)} THEN ${again()}`;
      const otherwise = random.chance(70) ? ` ELSE ${again()}` : '';
      return `(CASE ${random.list(2, when).join(' ')}${otherwise} END)`;
    }
    case 1:
      return `coalesce(${random.list(3, again).join(', ')})`;
    case 2:
      return `nullif(${again()}, ${again()})`;
    case 3:
      if (subquery !== undefined) return `(${subquery(family)})`;
      break;
    default:
      break;
  }
  if (family === 'boolean' && random.chance(60)) return predicate(scope, depth);
  const forms = FORMS[family];
  return forms.length === 0 ? leaf(scope, family) : fill(random.pick(forms), scope, depth);
}
