// Where results go: standard output, a file or a command (`\o`), the pager of one result. Text is
// gathered into larger pieces; whoever writes rows asks `isCongested` and waits for `drained`.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { TextSink } from '../print/table-printer.ts';

/** Text is handed on in pieces of this many characters. */
const PIECE_CHARACTERS = 64 * 1024;

/** Takes text for one destination. */
export class Output implements TextSink {
  readonly #stream: Writable;
  readonly #ended: () => Promise<void>;
  #pending = '';
  /** The destination is gone: a pager that was left, a pipe that was closed. */
  #isGone = false;

  /** `ended` resolves once all is written and the destination closed; it runs after the last write. */
  constructor(stream: Writable, ended: () => Promise<void> = async () => undefined) {
    this.#stream = stream;
    this.#ended = ended;
    stream.on('error', () => {
      this.#isGone = true;
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get isCongested(): boolean {
    return this.#stream.writableNeedDrain;
  }

  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= PIECE_CHARACTERS) this.flush();
  }

  /** Bytes as they are, behind the text so far. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    if (!this.#isGone) this.#stream.write(bytes);
  }

  flush(): void {
    if (this.#pending !== '' && !this.#isGone) this.#stream.write(this.#pending);
    this.#pending = '';
  }

  /** Waits until the destination takes more. */
  drained(): Promise<void> {
    if (!this.isCongested || this.#isGone) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#stream.off('drain', done);
        this.#stream.off('close', done);
        this.#stream.off('error', done);
        resolve();
      };
      this.#stream.on('drain', done);
      this.#stream.on('close', done);
      this.#stream.on('error', done);
    });
  }

  /** Writes what is left and lets go of the destination. */
  async close(): Promise<void> {
    this.flush();
    await this.#ended();
  }
}

/** A file, made or emptied; throws what the system says. */
export async function openFileOutput(path: string): Promise<Output> {
  const stream = createWriteStream(path);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', reject);
  });
  return new Output(stream, async () => {
    stream.end();
    await finished(stream).catch(() => undefined);
  });
}

/** A command of the shell that reads what is written; its own output goes where ours goes. */
export function openPipeOutput(command: string): Output {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
  const closed = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  return new Output(child.stdin, async () => {
    child.stdin.end();
    await closed;
  });
}
