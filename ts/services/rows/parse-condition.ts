// `age=not.gte.30`, `or=(age.lt.18,and(name.like.A*,city.not.is.null))`
import { RustyError } from '../../errors/index.ts';
import { nearest } from '../../util/nearest.ts';
import { parseField } from './parse-field.ts';
import {
  type Comparison,
  type Condition,
  type Field,
  type Junction,
  NOT_BUILT,
  OPERATORS,
  type Operator,
  QUANTIFIED,
} from './row-query.ts';
import { TextScanner } from './text-scanner.ts';

/** How deep `and` and `or` may stand in one another. */
const DEPTH_MAX = 32;

interface Test {
  readonly isNegated: boolean;
  readonly operator: Operator;
  readonly quantifier?: 'any' | 'all';
}

function parseOperator(scanner: TextScanner): Operator {
  const start = scanner.mark();
  const word = scanner.until('.(');
  const operator = OPERATORS.find((known) => known === word);
  if (operator === undefined) {
    scanner.back(start);
    const alike = nearest(word, OPERATORS);
    scanner.fail(
      `expected an operator (${alike === undefined ? OPERATORS.join(', ') : `did you mean ${alike}?`})`,
    );
  }
  if ((NOT_BUILT as readonly string[]).includes(operator)) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: `the operator ${operator}` });
  }
  return operator;
}

function parseQuantifier(scanner: TextScanner, operator: Operator): 'any' | 'all' | undefined {
  for (const word of ['any', 'all'] as const) {
    if (!scanner.takes(`(${word})`)) continue;
    if (!QUANTIFIED.includes(operator)) scanner.fail(`expected no (${word}) behind ${operator}`);
    return word;
  }
  return undefined;
}

/** `not.eq(any).`, up to the value. */
function parseTest(scanner: TextScanner): Test {
  const isNegated = scanner.takes('not.');
  const operator = parseOperator(scanner);
  const quantifier = parseQuantifier(scanner, operator);
  scanner.expect('.');
  return { isNegated, operator, ...(quantifier === undefined ? {} : { quantifier }) };
}

/** `(a,"b,c",d)` */
function parseList(scanner: TextScanner): readonly string[] {
  const values: string[] = [];
  scanner.expect('(');
  if (scanner.takes(')')) return values;
  do values.push(scanner.sees('"') ? scanner.quoted() : scanner.until(',)'));
  while (scanner.takes(','));
  scanner.expect(')');
  return values;
}

/** `{a,{b}}` with what is in quotes in it, as it stands. */
function parseBraces(scanner: TextScanner): string {
  let text = '';
  let depth = 0;
  do {
    text += scanner.until('{}"');
    if (scanner.takes('{')) {
      depth += 1;
      text += '{';
    } else if (scanner.takes('}')) {
      depth -= 1;
      text += '}';
    } else if (scanner.sees('"')) {
      text += `"${scanner.quoted().replace(/["\\]/g, '\\$&')}"`;
    } else {
      scanner.fail('expected a closing }');
    }
  } while (depth > 0);
  return text;
}

/** A value inside of `and` or `or`, where commas and parentheses mean something. */
function parseInnerValue(scanner: TextScanner): string {
  if (scanner.sees('{')) return parseBraces(scanner);
  return scanner.sees('"') ? scanner.quoted() : scanner.until(',)');
}

function parseInner(scanner: TextScanner, depth: number): Condition {
  const start = scanner.mark();
  const isNegated = scanner.takes('not.');
  for (const kind of ['and', 'or'] as const) {
    if (scanner.sees(`${kind}(`)) {
      scanner.takes(kind);
      return parseJunction(scanner, kind, isNegated, depth + 1);
    }
  }
  scanner.back(start);
  const field = parseField(scanner);
  scanner.expect('.');
  const test = parseTest(scanner);
  const value = test.operator === 'in' ? parseList(scanner) : parseInnerValue(scanner);
  return { kind: 'comparison', field, ...test, value };
}

function parseJunction(
  scanner: TextScanner,
  kind: 'and' | 'or',
  isNegated: boolean,
  depth: number,
): Junction {
  if (depth > DEPTH_MAX) scanner.fail(`expected at most ${DEPTH_MAX} levels of and, or`);
  const parts: Condition[] = [];
  scanner.expect('(');
  do parts.push(parseInner(scanner, depth));
  while (scanner.takes(','));
  scanner.expect(')');
  return { kind, isNegated, parts };
}

/** The value of a parameter `and`, `or`, `not.and` or `not.or`. */
export function parseLogic(
  part: string,
  kind: 'and' | 'or',
  isNegated: boolean,
  text: string,
): Junction {
  const scanner = new TextScanner(part, text);
  const junction = parseJunction(scanner, kind, isNegated, 1);
  scanner.expectEnd();
  return junction;
}

/** The value of a parameter that is named like a column. */
export function parseComparison(part: string, field: Field, text: string): Comparison {
  const scanner = new TextScanner(part, text);
  const test = parseTest(scanner);
  if (test.operator !== 'in') return { kind: 'comparison', field, ...test, value: scanner.rest() };
  const value = parseList(scanner);
  scanner.expectEnd();
  return { kind: 'comparison', field, ...test, value };
}
