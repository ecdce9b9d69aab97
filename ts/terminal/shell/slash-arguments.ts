// The arguments of a backslash command, by psql's rules: separated by spaces, `'...'` with C's
// escapes, `"..."` kept together, `` `command` `` replaced by its output, variables put in; a
// backslash ends them.
import type { Interpolate } from './statement-scanner.ts';

/** Runs a command of the operating system and gives its output. */
export type RunCommand = (command: string) => string;

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  b: '\b',
  r: '\r',
  f: '\f',
};

const VARIABLE =
  /:(?:([A-Za-z\u0080-\uffff_0-9]+)|'([A-Za-z\u0080-\uffff_0-9]+)'|"([A-Za-z\u0080-\uffff_0-9]+)"|\{\?([A-Za-z\u0080-\uffff_0-9]+)\})/y;
const NAME = /\\([^\s\\]*)/y;
const SPACE = /[ \t\n\r\f]*/y;

export class SlashArguments {
  /** The command's name, without its backslash. */
  readonly name: string;
  readonly #text: string;
  readonly #interpolate: Interpolate;
  readonly #runCommand: RunCommand;
  #at = 0;
  /** A quote that was not closed; the command is not run then. */
  isUnterminated = false;

  /** `text` starts with the backslash and goes to the end of the line. */
  constructor(text: string, interpolate: Interpolate, runCommand: RunCommand) {
    this.#text = text;
    this.#interpolate = interpolate;
    this.#runCommand = runCommand;
    NAME.lastIndex = 0;
    const found = NAME.exec(text);
    this.name = found?.[1] ?? '';
    this.#at = found?.[0].length ?? 1;
  }

  /** The next argument as it is written; undefined behind the last one. */
  next(): string | undefined {
    return this.#argument();
  }

  /** The next argument as a name: folded to lower case outside of double quotes, which go. */
  nextName(): string | undefined {
    const argument = this.#argument();
    return argument === undefined ? undefined : foldName(argument);
  }

  /** All arguments that are left. */
  all(): string[] {
    const found: string[] = [];
    for (let next = this.#argument(); next !== undefined; next = this.#argument()) found.push(next);
    return found;
  }

  /** A file, or from `|` on a command to the end of the line. */
  nextFileOrPipe(): string | undefined {
    this.#skipSpace();
    return this.#text[this.#at] === '|' ? this.wholeLine() : this.#argument();
  }

  /** The rest of the line as it stands, without the spaces around it. */
  wholeLine(): string {
    const rest = this.#text.slice(this.#at).trim();
    this.#at = this.#text.length;
    return rest;
  }

  /** What stands behind the command: another command, or a statement behind `\\`. */
  rest(): string {
    this.#skipSpace();
    const rest = this.#text.slice(this.#at);
    return rest.startsWith('\\\\') ? rest.slice(2) : rest;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #argument(): string | undefined {
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === undefined || first === '\\') return undefined;
    let value = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\\' || /\s/.test(character)) return value;
      if (character === "'") value += this.#single();
      else if (character === '"') value += this.#double();
      else if (character === '`') value += this.#backquoted();
      else if (character === ':') value += this.#variable();
      else {
        value += character;
        this.#at += 1;
      }
    }
  }

  #single(): string {
    let value = '';
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) {
        this.isUnterminated = true;
        return value;
      }
      this.#at += 1;
      if (character === "'") {
        if (this.#text[this.#at] !== "'") return value;
        this.#at += 1;
        value += "'";
      } else if (character === '\\') value += this.#escape();
      else value += character;
    }
  }

  #escape(): string {
    const pattern = /x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|([\s\S])/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return '';
    this.#at = pattern.lastIndex;
    const [, hexadecimal, octal, other] = found;
    if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return ESCAPES[other ?? ''] ?? other ?? '';
  }

  /** The double quotes stay: a name needs them, and folds them away by itself. */
  #double(): string {
    const end = this.#text.indexOf('"', this.#at + 1);
    this.isUnterminated ||= end === -1;
    const stop = end === -1 ? this.#text.length : end + 1;
    const value = this.#text.slice(this.#at, stop);
    this.#at = stop;
    return value;
  }

  #backquoted(): string {
    const end = this.#text.indexOf('`', this.#at + 1);
    this.isUnterminated ||= end === -1;
    if (end === -1) {
      this.#at = this.#text.length;
      return '';
    }
    const command = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return this.#runCommand(command).replace(/\n$/, '');
  }

  #variable(): string {
    VARIABLE.lastIndex = this.#at;
    const found = VARIABLE.exec(this.#text);
    if (found === null) {
      this.#at += 1;
      return ':';
    }
    const [whole, plain, literal, identifier, tested] = found;
    this.#at = VARIABLE.lastIndex;
    if (tested !== undefined)
      return this.#interpolate(tested, 'none') === undefined ? 'FALSE' : 'TRUE';
    const quoting = plain !== undefined ? 'none' : literal !== undefined ? 'literal' : 'identifier';
    return this.#interpolate(plain ?? literal ?? identifier ?? '', quoting) ?? whole;
  }
}

/** A name as SQL reads it: lower case outside of double quotes. */
export function foldName(text: string): string {
  let folded = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character !== '"') folded += isQuoted ? character : character.toLowerCase();
    else if (isQuoted && text[index + 1] === '"') {
      folded += '"';
      index += 1;
    } else isQuoted = !isQuoted;
  }
  return folded;
}
