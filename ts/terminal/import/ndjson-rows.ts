// NDJSON into the text format of COPY: one object a line becomes one row a line, so that the server's
// line numbers stay those of the file. Numbers keep all of their digits.
import { StringDecoder } from 'node:string_decoder';

/** A line that is no row. */
export interface NdjsonReject {
  /** 1-based, of the file. */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

/** A column that lines are turned into. */
export interface NdjsonColumn {
  /** The key whose value it takes. */
  readonly key: string;
  /** JSON arrays become PostgreSQL's array text. */
  readonly isArray: boolean;
}

export interface NdjsonRowsOptions {
  readonly columns: readonly NdjsonColumn[];
  /** Called for a line that is no row; it is left out, unless this throws. */
  readonly onReject: (reject: NdjsonReject) => void;
  /** The longest line, in characters; undefined is a length that no line has. */
  readonly lineCharactersMax?: number;
}

/** The longest line, in characters. */
const LINE_CHARACTERS_MAX = 256 * 1024 * 1024;
/** Lines that were left out are remembered for the line numbers of those behind them: so many runs. */
const GAPS_MAX = 10_000;
const PIECE_CHARACTERS = 128 * 1024;
/** Digits that a double may not keep. */
const LONG_NUMBER = /[\d.]{16}/;
const SHOWN_CHARACTERS = 200;

type JsonObject = Readonly<Record<string, unknown>>;

interface RawJsonSupport {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
}

const raw = JSON as unknown as RawJsonSupport;

/** Parses a line; numbers that a double would round stay as they are written. */
function parseLine(line: string): unknown {
  if (!LONG_NUMBER.test(line)) return JSON.parse(line);
  const keep = (_: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined
      ? raw.rawJSON(context.source)
      : value;
  return JSON.parse(line, keep as (key: string, value: unknown) => unknown);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function escaped(text: string): string {
  return /[\\\n\r\t]/.test(text)
    ? text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)
    : text;
}

function arrayText(values: readonly unknown[]): string {
  const parts = values.map((value) => {
    if (value === null) return 'NULL';
    if (Array.isArray(value)) return arrayText(value);
    return `"${plainText(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${parts.join(',')}}`;
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return raw.isRawJSON(value) ? value.rawJSON : JSON.stringify(value);
}

/** A value as the text that its column reads; null for NULL and for what is not there. */
export function jsonText(value: unknown, isArray: boolean): string | null {
  if (value === null || value === undefined) return null;
  return isArray && Array.isArray(value) ? arrayText(value) : plainText(value);
}

/** The object of a line. Throws with the reason where it is none. */
export function parseObject(line: string): JsonObject {
  let value: unknown;
  try {
    value = parseLine(line);
  } catch (error) {
    throw new Error(`invalid JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || raw.isRawJSON(value)) {
    throw new Error('expected an object, one a line');
  }
  return value as JsonObject;
}

/** Turns the bytes of a file into rows of COPY's text format. */
export class NdjsonRows {
  readonly #options: NdjsonRowsOptions;
  /** By key, without a prototype: a key may have any name. */
  readonly #known: Readonly<Record<string, true>>;
  /** `[row, left out]`: from this row on, so many lines more lie before it. */
  readonly #gaps: [row: number, lines: number][] = [];
  readonly #lineCharactersMax: number;
  #line = 0;
  #rows = 0;
  /** The rest of a line that was left out is on its way. */
  #isTooLong = false;

  constructor(options: NdjsonRowsOptions) {
    this.#options = options;
    this.#lineCharactersMax = options.lineCharactersMax ?? LINE_CHARACTERS_MAX;
    const known: Record<string, true> = Object.create(null);
    for (const { key } of options.columns) known[key] = true;
    this.#known = known;
  }

  /** The line of the file that a row of ours came from. */
  lineOfRow(row: number): number {
    const gap = this.#gaps.findLast(([from]) => from <= row);
    return row + (gap?.[1] ?? 0);
  }

  async *rows(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for await (const chunk of bytes) {
      const lines = decoder.write(chunk).split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = lines.pop() ?? '';
      if (this.#isTooLong && lines.length > 0) {
        lines.shift();
        this.#line += 1;
        this.#leaveOut();
        this.#isTooLong = false;
      }
      yield* this.#convert(lines);
      if (rest.length > this.#lineCharactersMax && !this.#isTooLong) this.#refuseLong(rest);
      if (this.#isTooLong) rest = '';
    }
    if (!this.#isTooLong) yield* this.#convert([rest + decoder.end()]);
  }

  /** Leaves the line out whose end is not there yet. */
  #refuseLong(start: string): void {
    this.#isTooLong = true;
    this.#line += 1;
    this.#reject(`the line is longer than ${this.#lineCharactersMax} characters`, start);
    this.#line -= 1;
  }

  *#convert(lines: readonly string[]): Generator<Buffer> {
    let piece = '';
    for (const line of lines) {
      this.#line += 1;
      const row = this.#row(line);
      if (row === undefined) this.#leaveOut();
      else {
        this.#rows += 1;
        piece += row;
      }
      if (piece.length < PIECE_CHARACTERS) continue;
      yield Buffer.from(piece);
      piece = '';
    }
    if (piece !== '') yield Buffer.from(piece);
  }

  #row(line: string): string | undefined {
    if (line.trim() === '') return undefined;
    try {
      const object = parseObject(line);
      for (const key in object) {
        if (this.#known[key] === undefined) {
          throw new Error(`no column for the key ${JSON.stringify(key)}`);
        }
      }
      const values = this.#options.columns.map(({ key, isArray }) => {
        const text = jsonText(object[key], isArray);
        return text === null ? '\\N' : escaped(text);
      });
      return `${values.join('\t')}\n`;
    } catch (error) {
      this.#reject((error as Error).message, line);
      return undefined;
    }
  }

  #reject(reason: string, text: string): void {
    this.#options.onReject({ line: this.#line, reason, text: text.slice(0, SHOWN_CHARACTERS) });
  }

  #leaveOut(): void {
    const row = this.#rows + 1;
    const lines = this.#line - this.#rows;
    const last = this.#gaps.at(-1);
    if (last?.[0] === row) last[1] = lines;
    else if (this.#gaps.length < GAPS_MAX) this.#gaps.push([row, lines]);
  }
}
