// The lines that the user typed, in a file that only they may read. A line that sets a password is
// never written.
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TerminalEnvironment } from '../environment.ts';

/** Lines that are kept. */
export const HISTORY_LINES_MAX = 10_000;
const SECRET = /\bpassword\s+(e?'|\$)/i;

/** Where the history is: below `$XDG_STATE_HOME` where that is set, else in the home directory. */
export function historyPath({ variables, home }: TerminalEnvironment): string {
  const state = variables.XDG_STATE_HOME;
  return state ? join(state, 'rustydb', 'history') : join(home, '.rustydb_history');
}

export class History {
  readonly #path: string;
  #isWritable = true;

  constructor(path: string) {
    this.#path = path;
  }

  /** The lines of the file, the newest first; a file that grew too long is cut. */
  load(): string[] {
    let lines: string[];
    try {
      lines = readFileSync(this.#path, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    } catch {
      return [];
    }
    if (lines.length > HISTORY_LINES_MAX) {
      lines = lines.slice(-HISTORY_LINES_MAX);
      this.#try(() => writeFileSync(this.#path, `${lines.join('\n')}\n`, { mode: 0o600 }));
    }
    this.#try(() => chmodSync(this.#path, 0o600));
    return lines.reverse();
  }

  /** Keeps a line; where the file cannot be written there is no history, and no error. */
  add(line: string): void {
    if (!this.#isWritable || line.trim() === '' || SECRET.test(line)) return;
    this.#try(() => {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    });
  }

  #try(action: () => void): void {
    try {
      action();
    } catch {
      this.#isWritable = false;
    }
  }
}
