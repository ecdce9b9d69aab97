// The pager of one result: what fits on the screen is written there, a longer result goes through
// `$PAGER` (else `less -S`) from its first line on.
import { type ChildProcess, spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { TerminalEnvironment } from '../environment.ts';
import type { LineSource } from './line-source.ts';
import { Output } from './output.ts';

/** Lines of the screen that the prompt takes. */
const PROMPT_LINES = 2;

class PagerStream extends Writable {
  readonly #environment: TerminalEnvironment;
  readonly #source: LineSource;
  #linesLeft: number;
  #held: Buffer[] = [];
  #child: ChildProcess | undefined;
  #isGone = false;

  constructor(environment: TerminalEnvironment, source: LineSource, isAlways: boolean) {
    super();
    this.#source = source;
    this.#environment = environment;
    this.#linesLeft = isAlways ? -1 : environment.stdout.rows - PROMPT_LINES;
  }

  override _write(chunk: Buffer, _: unknown, done: (error?: Error | null) => void): void {
    if (this.#child !== undefined) {
      this.#toPager(chunk, done);
      return;
    }
    this.#held.push(chunk);
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1))
      this.#linesLeft -= 1;
    if (this.#linesLeft >= 0) {
      done();
      return;
    }
    this.#start();
    this.#toPager(Buffer.concat(this.#held), done);
    this.#held = [];
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#child === undefined) {
      if (this.#held.length > 0) this.#environment.stdout.write(Buffer.concat(this.#held));
      done();
      return;
    }
    if (this.#isGone) {
      done();
      return;
    }
    this.#child.once('close', () => done());
    this.#child.stdin?.end();
  }

  #start(): void {
    const { variables } = this.#environment;
    const command = variables.PSQL_PAGER || variables.PAGER || 'less -S';
    const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
    this.#source.suspend?.();
    const gone = () => {
      this.#isGone = true;
    };
    const left = () => {
      gone();
      this.#source.resume?.();
    };
    child.on('error', left);
    child.on('close', left);
    child.stdin.on('error', gone); // the user left before the end
    this.#child = child;
  }

  #toPager(chunk: Buffer, done: (error?: Error | null) => void): void {
    const stdin = this.#child?.stdin;
    if (this.#isGone || !stdin?.writable)
      done(); // nobody reads it any more
    else stdin.write(chunk, () => done());
  }
}

/** A destination for one result; `close` waits until the user has left the pager. */
export function openPager(
  environment: TerminalEnvironment,
  source: LineSource,
  isAlways: boolean,
): Output {
  const stream = new PagerStream(environment, source, isAlways);
  return new Output(stream, async () => {
    stream.end();
    await finished(stream).catch(() => undefined);
  });
}
