// `select=id,total:amount.sum(),address->>city,customer!orders_customer_fkey!inner(name)`
import { parseField } from './parse-field.ts';
import {
  AGGREGATES,
  type Aggregate,
  type SelectedField,
  type SelectedTable,
  type SelectItem,
} from './row-query.ts';
import { TextScanner } from './text-scanner.ts';

/** How deep tables may be embedded in one another. */
const DEPTH_MAX = 8;
/** A type's name with its modifier: `numeric(10,2)`, `double precision`, `text[]`. */
const TYPE = /^[\p{L}_][\p{L}\p{N}_ ]*(?:\( *\d+ *(?:, *-?\d+ *)?\))?[\p{L} ]*(?:\[\])*$/u;

/** Whether the text is the name of a type and nothing else; the engine says if there is such a one. */
export function isTypeName(text: string): boolean {
  return text.length <= 128 && TYPE.test(text);
}

function parseCast(scanner: TextScanner): string | undefined {
  if (!scanner.takes('::')) return undefined;
  let type = scanner.until('.,()');
  if (scanner.sees('(') && !scanner.sees('()')) {
    type += `${scanner.until(')')})`;
    scanner.expect(')');
    type += scanner.until('.,()');
  }
  if (!isTypeName(type)) scanner.fail('expected the name of a type before this');
  return type;
}

function parseAggregate(scanner: TextScanner): Aggregate | undefined {
  if (!scanner.takes('.')) return undefined;
  const name = scanner.name('an aggregate');
  const aggregate = AGGREGATES.find((known) => known === name);
  if (aggregate === undefined) scanner.fail(`expected one of ${AGGREGATES.join(', ')} before this`);
  scanner.expect('()');
  return aggregate;
}

const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [N in Name]?: Value };

function parseSelectedField(scanner: TextScanner, alias: string | undefined): SelectedField {
  const field = parseField(scanner);
  const cast = parseCast(scanner);
  const aggregate = parseAggregate(scanner);
  const aggregateCast = aggregate === undefined ? undefined : parseCast(scanner);
  return {
    kind: 'field',
    field,
    ...given('alias', alias),
    ...given('cast', cast),
    ...given('aggregate', aggregate),
    ...given('aggregateCast', aggregateCast),
  };
}

/** Behind the name of a table: `!hint!inner(...)`. */
function parseTable(
  scanner: TextScanner,
  name: string,
  alias: string | undefined,
  depth: number,
): SelectedTable {
  if (depth >= DEPTH_MAX) scanner.fail(`expected at most ${DEPTH_MAX} levels of tables`);
  let hint: string | undefined;
  let isInner = false;
  while (scanner.takes('!')) {
    const word = scanner.name('a foreign key, inner or left');
    if (word === 'inner') isInner = true;
    else if (word !== 'left') hint = word;
  }
  scanner.expect('(');
  const items = parseItems(scanner, depth + 1);
  scanner.expect(')');
  return {
    kind: 'table',
    name,
    isInner,
    items,
    ...given('alias', alias),
    ...given('hint', hint),
  };
}

function parseItem(scanner: TextScanner, depth: number): SelectItem {
  if (scanner.takes('*')) return { kind: 'all' };
  let start = scanner.mark();
  let name = scanner.name('a column, a table or *');
  let alias: string | undefined;
  if (!scanner.sees('::') && scanner.takes(':')) {
    alias = name;
    start = scanner.mark();
    name = scanner.name('a column or a table');
  }
  if (name === 'count' && scanner.takes('()')) {
    const aggregateCast = parseCast(scanner);
    return {
      kind: 'field',
      aggregate: 'count',
      ...given('alias', alias),
      ...given('aggregateCast', aggregateCast),
    };
  }
  if (scanner.sees('(') || scanner.sees('!')) return parseTable(scanner, name, alias, depth);
  scanner.back(start);
  return parseSelectedField(scanner, alias);
}

function parseItems(scanner: TextScanner, depth: number): readonly SelectItem[] {
  const items: SelectItem[] = [];
  if (scanner.isAtEnd || scanner.sees(')')) return items;
  do items.push(parseItem(scanner, depth));
  while (scanner.takes(','));
  return items;
}

export function parseSelect(text: string): readonly SelectItem[] {
  const scanner = new TextScanner('select', text);
  const items = parseItems(scanner, 0);
  scanner.expectEnd();
  return items.length === 0 ? [{ kind: 'all' }] : items;
}
