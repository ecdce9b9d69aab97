// The parameters of a request for rows, as users of PostgREST write them.
import { RustyError } from '../../errors/index.ts';
import { parseComparison, parseLogic } from './parse-condition.ts';
import { parsePath } from './parse-field.ts';
import { parseNames, parseOrder } from './parse-order.ts';
import { parseSelect } from './parse-select.ts';
import type { Clauses, Condition, EmbeddedClauses, OrderTerm, RowQuery } from './row-query.ts';
import { TextScanner } from './text-scanner.ts';

interface Builder {
  readonly way: readonly string[];
  readonly where: Condition[];
  readonly order: OrderTerm[];
  limit?: number;
  offset?: number;
}

/** A count of rows: what a bigint can hold and a number is exact for. */
function parseCount(part: string, text: string): number {
  const count = Number(text);
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(count)) return count;
  throw RustyError.of('VALIDATION_ERROR', {
    what: `query: ${part}: expected a number of rows, found ${JSON.stringify(text)}`,
  });
}

/** `child.grandchild.last`: the names, in quotes where they have dots. */
function parseKey(part: string, scanner: TextScanner): readonly string[] {
  const names = [scanner.name('a column')];
  while (scanner.takes('.')) names.push(scanner.name('a column'));
  if (!scanner.isAtEnd && !scanner.sees('->')) scanner.fail(`expected a column in ${part}`);
  return names;
}

function clausesAt(builders: Builder[], way: readonly string[]): Builder {
  const found = builders.find(
    (one) => one.way.length === way.length && one.way.every((name, at) => name === way[at]),
  );
  if (found !== undefined) return found;
  const made = { way, where: [], order: [] };
  builders.push(made);
  return made;
}

/** One parameter that belongs to a table: a filter, an order, a limit. */
function addClause(builders: Builder[], part: string, value: string): void {
  const scanner = new TextScanner(part, part);
  const names = parseKey(part, scanner);
  const path = parsePath(scanner);
  scanner.expectEnd();
  const last = names.at(-1) ?? '';
  const isNegated = names.at(-2) === 'not' && (last === 'and' || last === 'or');
  const builder = clausesAt(builders, names.slice(0, isNegated ? -2 : -1));
  if (path.length > 0 || part.endsWith('"')) {
    builder.where.push(parseComparison(part, { name: last, path }, value));
  } else if (last === 'and' || last === 'or') {
    builder.where.push(parseLogic(part, last, isNegated, value));
  } else if (last === 'order') {
    builder.order.push(...parseOrder(part, value));
  } else if (last === 'limit') {
    builder.limit = parseCount(part, value);
  } else if (last === 'offset') {
    builder.offset = parseCount(part, value);
  } else {
    builder.where.push(parseComparison(part, { name: last, path }, value));
  }
}

function clausesOf({ where, order, limit, offset }: Builder): Clauses {
  return {
    where,
    order,
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  };
}

/** Reads every parameter; a VALIDATION_ERROR names the one that is wrong and where. */
export function parseRowQuery(search: URLSearchParams): RowQuery {
  const root: Builder = { way: [], where: [], order: [] };
  const builders = [root];
  let select = parseSelect('');
  let columns: readonly string[] | undefined;
  let onConflict: readonly string[] | undefined;
  for (const [part, value] of search) {
    if (part === 'select') select = parseSelect(value);
    else if (part === 'columns') columns = parseNames(part, value);
    else if (part === 'on_conflict') onConflict = parseNames(part, value);
    else addClause(builders, part, value);
  }
  const embedded = builders
    .slice(1)
    .map((builder): EmbeddedClauses => ({ way: builder.way, ...clausesOf(builder) }));
  return {
    select,
    embedded,
    ...clausesOf(root),
    ...(columns === undefined ? {} : { columns }),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}
