// What alert rules and dashboards ask of metrics: numbers, `name`, `name{label="value"}`, `rate(name)`
// a second, + - * / and parentheses. A name stands for the sum of all its series that match.
import { RustyError } from '../../errors/index.ts';
import type { MetricSample } from './metric-sample.ts';

const TEXT_MAX_CHARACTERS = 500;
const DEPTH_MAX = 20;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([a-z_:][\w:]*)(\{[^{}]*\})?|([-+*/()]))/iy;
const LABEL = /^\s*([a-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/i;

/** Two moments: rates are what differs. */
export interface Moments {
  readonly now: MetricSample;
  readonly before: MetricSample | undefined;
}

/** Undefined where a metric is not there, or a rate has no moment before. */
export type Evaluate = (moments: Moments) => number | undefined;

/** An expression that was read. */
export interface MetricExpression {
  readonly evaluate: Evaluate;
  /** The metrics that it names. */
  readonly names: readonly string[];
}

interface Token {
  readonly text: string;
  readonly kind: 'number' | 'name' | 'sign';
  readonly labels: Readonly<Record<string, string>>;
}

function refuse(text: string, why: string): never {
  const what = `expression ${JSON.stringify(text.slice(0, 100))}: ${why}`;
  throw RustyError.of('VALIDATION_ERROR', { what });
}

function labelsOf(text: string, part: string | undefined): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = part?.slice(1, -1).trim() ?? '';
  while (rest !== '') {
    const found = LABEL.exec(rest);
    if (found === null) refuse(text, `not labels: ${part}`);
    labels[found[1] as string] = (found[2] as string).replace(/\\(.)/g, '$1');
    rest = rest.slice(found[0].length);
  }
  return labels;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    if (found === null) refuse(text, `nothing that is known at character ${at + 1}`);
    const [, number, name, labels, sign] = found;
    const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign';
    tokens.push({
      text: number ?? name ?? sign ?? '',
      kind,
      labels: labelsOf(text, labels),
    });
  }
  return tokens;
}

const both = (
  one: Evaluate,
  other: Evaluate,
  join: (left: number, right: number) => number | undefined,
): Evaluate => {
  return (moments) => {
    const left = one(moments);
    const right = other(moments);
    return left === undefined || right === undefined ? undefined : join(left, right);
  };
};

const JOINS: Readonly<Record<string, (left: number, right: number) => number | undefined>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? undefined : left / right),
};

class Parser {
  readonly names: string[] = [];
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Evaluate {
    const evaluate = this.#sum();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) refuse(this.#text, `${JSON.stringify(rest.text)} is too much`);
    return evaluate;
  }

  #sum(): Evaluate {
    return this.#chain(['+', '-'], () => this.#product());
  }

  #product(): Evaluate {
    return this.#chain(['*', '/'], () => this.#factor());
  }

  #chain(signs: readonly string[], next: () => Evaluate): Evaluate {
    let left = next();
    for (;;) {
      const sign = this.#tokens[this.#at];
      const join =
        sign?.kind === 'sign' && signs.includes(sign.text) ? JOINS[sign.text] : undefined;
      if (join === undefined) return left;
      this.#at += 1;
      left = both(left, next(), join);
    }
  }

  #factor(): Evaluate {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined) return refuse(this.#text, 'it ends too early');
    if (token.kind === 'number') {
      const value = Number(token.text);
      return () => value;
    }
    if (token.kind === 'name') return this.#named(token);
    if (token.text !== '(') return refuse(this.#text, `a value is missing before ${token.text}`);
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) refuse(this.#text, 'too many parentheses');
    const inner = this.#sum();
    this.#close();
    this.#depth -= 1;
    return inner;
  }

  #named(token: Token): Evaluate {
    const isCall = this.#tokens[this.#at]?.text === '(';
    if (!isCall) {
      this.names.push(token.text);
      const { text, labels } = token;
      return ({ now }) => now.sum(text, labels);
    }
    if (token.text !== 'rate')
      return refuse(this.#text, `no function ${token.text}; there is rate`);
    this.#at += 1;
    const metric = this.#tokens[this.#at];
    if (metric?.kind !== 'name') return refuse(this.#text, 'rate is of a metric');
    this.#at += 1;
    this.#close();
    this.names.push(metric.text);
    return ({ now, before }) => {
      const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
      const [value, old] = [now, before].map((one) => one?.sum(metric.text, metric.labels));
      if (value === undefined || seconds <= 0) return undefined;
      // A counter that went back was begun anew.
      return Math.max(0, value - (old ?? 0)) / seconds;
    };
  }

  #close(): void {
    if (this.#tokens[this.#at]?.text !== ')') refuse(this.#text, 'a ) is missing');
    this.#at += 1;
  }
}

/** Reads an expression; VALIDATION_ERROR says what is wrong with it. */
export function parseExpression(text: string): MetricExpression {
  if (text.length > TEXT_MAX_CHARACTERS) refuse(text, `longer than ${TEXT_MAX_CHARACTERS}`);
  const parser = new Parser(text);
  const evaluate = parser.whole();
  return { evaluate, names: parser.names };
}
