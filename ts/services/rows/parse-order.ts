// `order=name.desc.nullslast,address->>city,customer(name).asc`
import { parseField } from './parse-field.ts';
import type { OrderTerm } from './row-query.ts';
import { TextScanner } from './text-scanner.ts';

function parseTerm(scanner: TextScanner): OrderTerm {
  const start = scanner.mark();
  const first = scanner.name('a column');
  let table: string | undefined;
  if (scanner.takes('(')) table = first;
  else scanner.back(start);
  const field = parseField(scanner);
  if (table !== undefined) scanner.expect(')');
  let isDescending = false;
  let nulls: 'first' | 'last' | undefined;
  while (scanner.takes('.')) {
    if (scanner.takes('asc')) isDescending = false;
    else if (scanner.takes('desc')) isDescending = true;
    else if (scanner.takes('nullsfirst')) nulls = 'first';
    else if (scanner.takes('nullslast')) nulls = 'last';
    else scanner.fail('expected asc, desc, nullsfirst or nullslast');
  }
  return {
    field,
    isDescending,
    ...(table === undefined ? {} : { table }),
    ...(nulls === undefined ? {} : { nulls }),
  };
}

export function parseOrder(part: string, text: string): readonly OrderTerm[] {
  const scanner = new TextScanner(part, text);
  const terms: OrderTerm[] = [];
  do terms.push(parseTerm(scanner));
  while (scanner.takes(','));
  scanner.expectEnd();
  return terms;
}

/** `columns=a,"b c"`, `on_conflict=a,b`. */
export function parseNames(part: string, text: string): readonly string[] {
  const scanner = new TextScanner(part, text);
  const names: string[] = [];
  do names.push(scanner.name('a column'));
  while (scanner.takes(','));
  scanner.expectEnd();
  return names;
}
