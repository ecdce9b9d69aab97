// Finds where a statement ends, by PostgreSQL's lexical rules: a semicolon outside of quotes,
// comments, parentheses and the body of `CREATE FUNCTION ... BEGIN ATOMIC`. Variables (`:name`,
// `:'name'`, `:"name"`, `:{?name}`) are put in on the way, a backslash outside of quotes ends the
// scan for a command. Text is fed line by line; what is open stays open until the next line.

/** Gives the text of a variable, quoted as asked for; undefined where there is none. */
export type Interpolate = (
  name: string,
  quoting: 'none' | 'literal' | 'identifier',
) => string | undefined;

/** What is open at the end of a line; the prompt shows it. */
export type OpenPart =
  | 'nothing'
  | 'statement'
  | 'parenthesis'
  | 'single-quote'
  | 'double-quote'
  | 'dollar-quote'
  | 'comment';

/** Why a scan stopped: a statement is whole, a backslash command follows, the line is used up. */
export type ScanStop = 'semicolon' | 'backslash' | 'end';

type State = 'initial' | 'quote' | 'escape-quote' | 'identifier' | 'dollar' | 'comment';

const SPACE = /[ \t\n\r\f]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const ESCAPE_START = /[eE]'/y;
const PLAIN_QUOTE_START = /[bBxX]?'|[uU]&'/y;
const IDENTIFIER_QUOTE_START = /(?:[uU]&)?"/y;
const DOLLAR_START = /\$(?:[A-Za-z\u0080-\uffff_][A-Za-z\u0080-\uffff_0-9]*)?\$/y;
const IDENTIFIER = /[A-Za-z\u0080-\uffff_][A-Za-z\u0080-\uffff_0-9$]*/y;
// A dollar within a number or after a parameter starts no quote.
const NUMBER = /(?:\$?[0-9]+)[0-9.]*/y;
const VARIABLE =
  /:(?:([A-Za-z\u0080-\uffff_0-9]+)|'([A-Za-z\u0080-\uffff_0-9]+)'|"([A-Za-z\u0080-\uffff_0-9]+)")/y;
const VARIABLE_TEST = /:\{\?([A-Za-z\u0080-\uffff_0-9]+)\}/y;
const COLONS = /::|:=/y;
const QUOTE_BODY = /[^']+/y;
const ESCAPE_QUOTE_BODY = /[^'\\]+/y;
const IDENTIFIER_BODY = /[^"]+/y;
const COMMENT_BODY = /[^*/]+|\/(?!\*)|\*(?!\/)/y;

/** How deep a variable may hold another one. */
const EXPANSIONS_MAX = 100;

interface Expansion {
  readonly name: string;
  /** Where its text ends, counted from the end of the line. */
  readonly restLength: number;
}

export class StatementScanner {
  readonly #interpolate: Interpolate;
  #line = '';
  #at = 0;
  #parts: string[] = [];
  #state: State = 'initial';
  #dollarTag = '';
  #commentDepth = 0;
  #parentheses = 0;
  /** First letters of CREATE, OR, REPLACE, FUNCTION, PROCEDURE as far as the statement has them. */
  #opening = '';
  #identifiers = 0;
  #blocks = 0;
  #expansions: Expansion[] = [];

  constructor(interpolate: Interpolate) {
    this.#interpolate = interpolate;
  }

  /** The statement as far as it was read. */
  get text(): string {
    if (this.#parts.length > 1) this.#parts = [this.#parts.join('')];
    return this.#parts[0] ?? '';
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** What is left of the line; a backslash command takes its arguments from it. */
  get rest(): string {
    return this.#line.slice(this.#at);
  }

  get openPart(): OpenPart {
    switch (this.#state) {
      case 'quote':
      case 'escape-quote':
        return 'single-quote';
      case 'identifier':
        return 'double-quote';
      case 'dollar':
        return 'dollar-quote';
      case 'comment':
        return 'comment';
      default:
        if (this.#parentheses > 0) return 'parenthesis';
        return this.isEmpty ? 'nothing' : 'statement';
    }
  }

  /** Takes a line, without its line feed; what is left of the one before is lost. */
  feed(line: string): void {
    if (!this.isEmpty) this.#echo('\n');
    this.#line = line;
    this.#at = 0;
    this.#expansions = [];
  }

  /** Sets what is left of the line, once a command has taken its part. */
  replaceRest(rest: string): void {
    this.#line = rest;
    this.#at = 0;
    this.#expansions = [];
  }

  /** Forgets the statement and all that is open. */
  reset(): void {
    this.#parts = [];
    this.#state = 'initial';
    this.#parentheses = 0;
    this.#opening = '';
    this.#identifiers = 0;
    this.#blocks = 0;
  }

  /** Puts a text in place of the statement, as an editor gives it back; all of it is scanned. */
  replace(text: string): void {
    this.reset();
    this.#line = text;
    this.#at = 0;
  }

  /** Reads on. After `semicolon` the statement is in `text`, its semicolon with it. */
  scan(): ScanStop {
    while (this.#at < this.#line.length) {
      if (this.#state !== 'initial') this.#inside();
      else {
        const stop = this.#outside();
        if (stop !== undefined) return stop;
      }
    }
    return 'end';
  }

  #echo(text: string): void {
    if (text !== '') this.#parts.push(text);
  }

  /** Takes what the pattern matches here; undefined and nothing taken where it does not. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #take(pattern: RegExp): boolean {
    const found = this.#match(pattern);
    if (found === undefined) return false;
    this.#echo(found[0]);
    return true;
  }

  #enter(pattern: RegExp, state: State): boolean {
    if (!this.#take(pattern)) return false;
    this.#state = state;
    return true;
  }

  #inside(): void {
    switch (this.#state) {
      case 'quote':
        this.#quoted(QUOTE_BODY, "'");
        break;
      case 'escape-quote':
        this.#quoted(ESCAPE_QUOTE_BODY, "'");
        break;
      case 'identifier':
        this.#quoted(IDENTIFIER_BODY, '"');
        break;
      case 'dollar': {
        const end = this.#line.indexOf(this.#dollarTag, this.#at);
        const stop = end === -1 ? this.#line.length : end + this.#dollarTag.length;
        this.#echo(this.#line.slice(this.#at, stop));
        this.#at = stop;
        if (end !== -1) this.#state = 'initial';
        break;
      }
      default:
        this.#comment();
    }
  }

  #quoted(body: RegExp, quote: string): void {
    if (this.#take(body)) return;
    const isClosed = this.#line[this.#at] === quote && this.#line[this.#at + 1] !== quote;
    // Two quotes stand for one, and a backslash takes what follows it, be it the line feed.
    const length = isClosed ? 1 : 2;
    this.#echo(this.#line.slice(this.#at, this.#at + length));
    this.#at += length;
    if (isClosed) this.#state = 'initial';
  }

  #comment(): void {
    if (this.#line.startsWith('/*', this.#at)) this.#commentDepth += 1;
    else if (this.#line.startsWith('*/', this.#at)) this.#commentDepth -= 1;
    else {
      this.#take(COMMENT_BODY);
      return;
    }
    this.#echo(this.#line.slice(this.#at, this.#at + 2));
    this.#at += 2;
    if (this.#commentDepth === 0) this.#state = 'initial';
  }

  #outside(): ScanStop | undefined {
    const space = this.#match(SPACE) ?? this.#match(LINE_COMMENT);
    if (space !== undefined) {
      if (!this.isEmpty) this.#echo(space[0]);
      return undefined;
    }
    if (this.#line.startsWith('/*', this.#at)) {
      this.#state = 'comment';
      return undefined;
    }
    if (
      this.#enter(ESCAPE_START, 'escape-quote') ||
      this.#enter(PLAIN_QUOTE_START, 'quote') ||
      this.#enter(IDENTIFIER_QUOTE_START, 'identifier')
    ) {
      return undefined;
    }
    const dollar = this.#match(DOLLAR_START);
    if (dollar !== undefined) {
      this.#dollarTag = dollar[0];
      this.#state = 'dollar';
      this.#echo(dollar[0]);
      return undefined;
    }
    const word = this.#match(IDENTIFIER);
    if (word !== undefined) {
      this.#word(word[0].toLowerCase());
      this.#echo(word[0]);
      return undefined;
    }
    if (this.#take(NUMBER) || this.#take(COLONS) || this.#variable()) return undefined;
    return this.#character();
  }

  #character(): ScanStop | undefined {
    const character = this.#line[this.#at] ?? '';
    if (character === '\\') {
      const next = this.#line[this.#at + 1];
      if (next !== ';' && next !== ':') return 'backslash';
      this.#echo(next);
      this.#at += 2;
      return undefined;
    }
    this.#at += 1;
    this.#echo(character);
    if (character === '(') this.#parentheses += 1;
    else if (character === ')') this.#parentheses = Math.max(this.#parentheses - 1, 0);
    else if (character === ';' && this.#parentheses === 0 && this.#blocks === 0) {
      this.#opening = '';
      this.#identifiers = 0;
      return 'semicolon';
    }
    return undefined;
  }

  /**
   * Counts BEGIN ... END of a function's body. It is enough to know how the statement opens, and
   * that CASE has an END too.
   */
  #word(word: string): void {
    const openings = ['create', 'or', 'replace', 'function', 'procedure'];
    if (this.#identifiers === this.#opening.length && openings.includes(word)) {
      if (this.#opening.length < 4) this.#opening += word[0];
    }
    this.#identifiers += 1;
    if (this.#parentheses > 0 || !/^c(or)?[fp]/.test(this.#opening)) return;
    if (word === 'begin' || (word === 'case' && this.#blocks > 0)) this.#blocks += 1;
    else if (word === 'end' && this.#blocks > 0) this.#blocks -= 1;
  }

  /** Puts a variable in. An unquoted one is scanned in its turn, unless it holds itself. */
  #variable(): boolean {
    const test = this.#match(VARIABLE_TEST);
    if (test !== undefined) {
      this.#echo(this.#interpolate(test[1] ?? '', 'none') === undefined ? 'FALSE' : 'TRUE');
      return true;
    }
    const start = this.#at;
    const found = this.#match(VARIABLE);
    if (found === undefined) return false;
    const [whole, plain, literal, identifier] = found;
    const name = plain ?? literal ?? identifier ?? '';
    const restLength = this.#line.length - this.#at;
    const open = this.#expansions.filter((expansion) => expansion.restLength <= restLength);
    const isOpen = open.some((expansion) => expansion.name === name && plain !== undefined);
    const quoting = plain !== undefined ? 'none' : literal !== undefined ? 'literal' : 'identifier';
    const value =
      isOpen || open.length >= EXPANSIONS_MAX ? undefined : this.#interpolate(name, quoting);
    if (value === undefined) {
      // The colon alone: what follows may open a quote.
      this.#at = plain === undefined ? start + 1 : this.#at;
      this.#echo(plain === undefined ? ':' : whole);
    } else if (plain === undefined) this.#echo(value);
    else {
      this.#expansions = [...open, { name, restLength }];
      this.#line = value + this.#line.slice(this.#at);
      this.#at = 0;
    }
    return true;
  }
}
