// Where lines come from: a file, standard input, the text of an argument, the user.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** The longest line, in characters. What is longer is no script, and would not fit into memory. */
export const LINE_CHARACTERS_MAX = 256 * 1024 * 1024;

export interface LineSource {
  /** True where a user types: prompts are shown, an error does not end it. */
  readonly isInteractive: boolean;
  /** The name that messages put before themselves; undefined leaves them without a place. */
  readonly name: string | undefined;
  /** 1-based, of the line that was given last. */
  readonly lineNumber: number;
  /** The next line without its end; undefined behind the last one. */
  next(prompt: string): Promise<string | undefined>;
  close(): void;
  /** Lets another program have the terminal, and takes it back; where there is one. */
  suspend?(): void;
  resume?(): void;
}

/** The lines of a stream of bytes. */
export class StreamLines implements LineSource {
  readonly isInteractive = false;
  readonly name: string | undefined;
  lineNumber = 0;
  readonly #stream: Readable;
  readonly #decoder = new StringDecoder('utf8');
  #chunks: AsyncIterator<Buffer> | undefined;
  #text = '';
  #at = 0;
  #hasEnded = false;

  constructor(stream: Readable, name: string | undefined) {
    this.#stream = stream;
    this.name = name;
  }

  async next(): Promise<string | undefined> {
    let parts = '';
    for (;;) {
      const end = this.#text.indexOf('\n', this.#at);
      if (end !== -1) {
        const line = parts + this.#text.slice(this.#at, end);
        this.#at = end + 1;
        return this.#given(line);
      }
      parts += this.#text.slice(this.#at);
      if (parts.length > LINE_CHARACTERS_MAX) throw new Error('a line of the input is too long');
      this.#text = '';
      this.#at = 0;
      if (!(await this.#fill())) return parts === '' ? undefined : this.#given(parts);
    }
  }

  close(): void {
    if (this.#chunks !== undefined) this.#stream.destroy();
  }

  async #fill(): Promise<boolean> {
    if (this.#hasEnded) return false;
    this.#chunks ??= this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const { value, done } = await this.#chunks.next();
    this.#hasEnded = done === true;
    this.#text = this.#hasEnded ? this.#decoder.end() : this.#decoder.write(value);
    return this.#text !== '' || !this.#hasEnded;
  }

  #given(line: string): string {
    this.lineNumber += 1;
    const withoutMark = this.lineNumber === 1 ? line.replace(/^\ufeff/, '') : line;
    return withoutMark.endsWith('\r') ? withoutMark.slice(0, -1) : withoutMark;
  }
}

/** Opens a script; throws what the system says. */
export async function openScript(path: string): Promise<LineSource> {
  const stream = createReadStream(path);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', reject);
  });
  return new StreamLines(stream, path);
}
