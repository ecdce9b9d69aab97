import { BoundedQueue } from '../util/bounded-queue.ts';
import type { Fill } from '../util/fill.ts';
import { LOG_LEVELS, type LogLevel } from './logger.ts';

/** Lines that are kept; the oldest go. */
const LINES_MAX = 2000;
/** Of a line; a longer one keeps its head alone. */
const LINE_MAX_CHARACTERS = 8 * 1024;
const MESSAGE_MAX_CHARACTERS = 1000;

/** A line of the log: level, timestamp, module, message and what stands beside them. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The last lines of the log, redacted as they went out. */
export class LogRing {
  readonly #lines = new BoundedQueue<string>({ name: 'log_lines', cap: LINES_MAX });

  /** Takes a line of JSON. */
  add(json: string): void {
    if (this.#lines.isFull) this.#lines.shift();
    this.#lines.push(json.length > LINE_MAX_CHARACTERS ? headOf(json) : json);
  }

  /** The newest lines of a level and above, the newest first. */
  last(level: LogLevel, limit: number): readonly LogLine[] {
    const least = LOG_LEVELS.indexOf(level);
    const found: LogLine[] = [];
    for (const json of this.#lines.entries().toReversed()) {
      if (found.length === limit) break;
      const line = JSON.parse(json) as LogLine;
      if (LOG_LEVELS.indexOf(line.level as LogLevel) >= least) found.push(line);
    }
    return found;
  }

  fill(): Fill {
    return this.#lines.fill();
  }
}

function headOf(json: string): string {
  const { level, timestamp, module, message } = JSON.parse(json) as LogLine;
  const cut = String(message).slice(0, MESSAGE_MAX_CHARACTERS);
  return JSON.stringify({ level, timestamp, module, message: cut, isCut: true });
}
