// Where lines come from: a file, standard input, the text of an argument, the user.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { systemErrorText } from './system-error.ts';

/** The longest line, in characters. What is longer is no script, and would not fit into memory. */
export const LINE_CHARACTERS_MAX = 256 * 1024 * 1024;

/** The input cannot be read on: it is no UTF-8, a line is too long, the disk fails. */
export class UnreadableInput extends Error {
  override readonly name = 'UnreadableInput';
}

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
  /** Ends the lines where nothing runs. */
  interrupt?(): void;
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
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
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
      if (parts.length > LINE_CHARACTERS_MAX) throw new UnreadableInput('a line is too long');
      this.#text = '';
      this.#at = 0;
      if (!(await this.#fill())) return parts === '' ? undefined : this.#given(parts);
    }
  }

  close(): void {
    if (this.#chunks !== undefined) this.#stream.destroy();
  }

  interrupt(): void {
    this.#hasEnded = true;
    this.#stream.destroy();
  }

  async #fill(): Promise<boolean> {
    if (this.#hasEnded) return false;
    this.#chunks ??= this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const { value, done } = await this.#next(this.#chunks);
    this.#hasEnded = done === true;
    this.#text = this.#decode(value);
    return this.#text !== '' || !this.#hasEnded;
  }

  /** The next chunk; none where Ctrl-C has closed the stream meanwhile. */
  async #next(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer, undefined>> {
    try {
      return await chunks.next();
    } catch (error) {
      if (this.#hasEnded) return { value: undefined, done: true };
      throw new UnreadableInput(systemErrorText(error), { cause: error });
    }
  }

  /** Text of a chunk; of none, what was left open by the one before. */
  #decode(chunk: Buffer | undefined): string {
    try {
      return this.#decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      const before = chunk?.toString('utf8').split('\ufffd', 1)[0] ?? '';
      const line = this.lineNumber + before.split('\n').length;
      const what = `line ${line}: invalid byte sequence for encoding "UTF8"`;
      throw new UnreadableInput(what, { cause: error });
    }
  }

  #given(line: string): string {
    this.lineNumber += 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
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
