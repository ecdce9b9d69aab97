// Lines that the user types, with editing, history and completion.
import { createInterface, type Interface } from 'node:readline';
import { BoundedQueue } from '../../util/bounded-queue.ts';
import type { TerminalEnvironment } from '../environment.ts';
import { HISTORY_LINES_MAX, type History } from './history.ts';
import type { LineSource } from './line-source.ts';

/** Lines that may be typed or pasted while a statement runs. */
const TYPED_AHEAD_MAX = 100_000;

/** The user pressed Ctrl-C while typing: what was typed is forgotten. */
export class InterruptedLine extends Error {}

/** Gives what could stand at the end of the line, and the part of the line that it stands for. */
export type Complete = (line: string) => Promise<[string[], string]>;

interface Waiting {
  resolve(line: string | undefined): void;
  reject(error: Error): void;
}

export class InteractiveLines implements LineSource {
  readonly isInteractive = true;
  readonly name = undefined;
  lineNumber = 0;
  readonly #environment: TerminalEnvironment;
  readonly #interface: Interface;
  readonly #typed = new BoundedQueue<string>({ name: 'typed_ahead', cap: TYPED_AHEAD_MAX });
  #waiting: Waiting | undefined;
  #isClosed = false;
  /** Ctrl-C while nobody waits for a line: a statement runs. */
  onInterrupt: () => void = () => {};

  constructor(environment: TerminalEnvironment, history: History, complete: Complete) {
    this.#environment = environment;
    this.#interface = createInterface({
      input: environment.stdin,
      output: environment.stdout,
      terminal: true,
      history: history.load(),
      historySize: HISTORY_LINES_MAX,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
        complete(line).then(
          (found) => done(null, found),
          () => done(null, [[], line]),
        );
      },
    });
    this.#interface.on('line', (line) => {
      history.add(line);
      this.#give(line);
    });
    this.#interface.on('SIGINT', () => this.#interrupt());
    this.#interface.on('close', () => {
      this.#isClosed = true;
      this.#waiting?.resolve(undefined);
      this.#waiting = undefined;
    });
  }

  next(prompt: string): Promise<string | undefined> {
    this.lineNumber += 1;
    const ahead = this.#typed.shift();
    if (ahead !== undefined) return Promise.resolve(ahead);
    if (this.#isClosed) return Promise.resolve(undefined);
    this.#interface.setPrompt(prompt);
    this.#interface.prompt();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  close(): void {
    this.#interface.close();
  }

  suspend(): void {
    this.#interface.pause();
    this.#environment.stdin.setRawMode(false);
  }

  resume(): void {
    this.#environment.stdin.setRawMode(true);
    this.#interface.resume();
  }

  #give(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.resolve(line);
    else this.#typed.push(line);
  }

  #interrupt(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.onInterrupt();
      return;
    }
    this.#waiting = undefined;
    // Forgets the line as it is, and shows the next prompt below it.
    this.#environment.stdout.write('^C\n');
    this.#interface.write(null, { ctrl: true, name: 'e' });
    this.#interface.write(null, { ctrl: true, name: 'u' });
    waiting.reject(new InterruptedLine());
  }
}
