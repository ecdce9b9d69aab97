import { RustyError } from '../../errors/index.ts';

/** Characters that end a name which is not in quotes. */
const NAME_ENDS = '.,:()!"*=<>&|';

/**
 * Reads one parameter of a request from left to right. What it refuses is a VALIDATION_ERROR that
 * names the parameter and the character, counted from 1.
 */
export class TextScanner {
  readonly part: string;
  readonly text: string;
  #at = 0;

  constructor(part: string, text: string) {
    this.part = part;
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  /** The next characters are these. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.#at);
  }

  /** Steps over these characters, if they are next. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.takes(text)) this.fail(`expected "${text}"`);
  }

  expectEnd(): void {
    if (!this.isAtEnd) this.fail('expected the end');
  }

  /** Everything up to one of the characters, or the end. */
  until(ends: string): string {
    const from = this.#at;
    while (!this.isAtEnd && !ends.includes(this.text[this.#at] ?? '')) this.#at += 1;
    return this.text.slice(from, this.#at);
  }

  rest(): string {
    const rest = this.text.slice(this.#at);
    this.#at = this.text.length;
    return rest;
  }

  /** A name, in double quotes where it has characters that mean something. */
  name(what: string): string {
    if (this.sees('"')) return this.quoted();
    const from = this.#at;
    while (!this.isAtEnd && !this.sees('->')) {
      if (NAME_ENDS.includes(this.text[this.#at] ?? '')) break;
      this.#at += 1;
    }
    if (this.text.slice(from, this.#at).trim() === '') this.fail(`expected ${what}`);
    return this.text.slice(from, this.#at).trim();
  }

  /** Text in double quotes; a backslash takes the meaning from what follows it. */
  quoted(): string {
    this.expect('"');
    let text = '';
    for (;;) {
      text += this.until('"\\');
      if (this.takes('"')) return text;
      if (!this.takes('\\') || this.isAtEnd) this.fail('expected a closing "');
      text += this.text[this.#at];
      this.#at += 1;
    }
  }

  /** Where it is, to come back to. */
  mark(): number {
    return this.#at;
  }

  back(mark: number): void {
    this.#at = mark;
  }

  fail(why: string): never {
    const found = this.isAtEnd
      ? 'the end'
      : JSON.stringify(this.text.slice(this.#at, this.#at + 20));
    throw RustyError.of(
      'VALIDATION_ERROR',
      { what: `query: ${this.part}: ${why} at character ${this.#at + 1}, found ${found}` },
      { details: { fields: [{ path: this.part, message: why, character: this.#at + 1 }] } },
    );
  }
}
