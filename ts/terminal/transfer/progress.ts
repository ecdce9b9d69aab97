// How far a transfer is: a bar that is drawn over itself on a screen, else a line every few seconds.
import type { Clock, Timer } from '../../util/clock.ts';

const SCREEN_MS = 200;
const LINES_MS = 5_000;
const BAR_COLUMNS = 24;

/** What is known of a transfer now. */
export interface ProgressState {
  readonly rows: number;
  /** Bytes of the file, as it lies on the disk. */
  readonly bytes: number;
  /** Undefined where nobody knows: standard input, the result of a query. */
  readonly totalBytes: number | undefined;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly label: string;
  readonly state: () => ProgressState;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.5 MiB` */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `1,234,567` */
export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 row`, `2,000 rows` */
export function rowsText(rows: number): string {
  return `${countText(rows)} row${rows === 1 ? '' : 's'}`;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${pad(Math.floor((whole % 3600) / 60))}:${pad(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** One line about a transfer that has run for `elapsedMs`. */
export function progressLine(label: string, state: ProgressState, elapsedMs: number): string {
  const { rows, bytes, totalBytes } = state;
  const seconds = Math.max(elapsedMs / 1000, 0.001);
  const figures = `${countText(rows)} rows  ${countText(rows / seconds)} rows/s`;
  if (totalBytes === undefined || totalBytes === 0) {
    return `${label}  ${bytesText(bytes)}  ${figures}  ${timeText(seconds)}`;
  }
  const part = Math.min(bytes / totalBytes, 1);
  const full = Math.floor(part * BAR_COLUMNS);
  const bar = '#'.repeat(full).padEnd(BAR_COLUMNS, '.');
  const left = part > 0 ? `${timeText((seconds * (1 - part)) / part)} left` : '';
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `${label}  [${bar}] ${percent}%  ${bytesText(bytes)}  ${figures}  ${left}`;
}

/** Shows how far a transfer is until `stop`. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #isScreen: boolean;
  readonly #beganMs: number;
  readonly #timer: Timer;
  #isShown = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#isScreen = options.stream.isTTY === true;
    this.#beganMs = options.clock.monotonicMs();
    const periodMs = this.#isScreen ? SCREEN_MS : LINES_MS;
    this.#timer = options.clock.every(periodMs, () => this.#show());
  }

  /** Takes the bar away, so that other text may be written. */
  stop(): void {
    this.#timer.cancel();
    if (this.#isScreen && this.#isShown) this.#options.stream.write('\r\x1b[K');
  }

  #show(): void {
    const { stream, clock, label, state } = this.#options;
    const line = progressLine(label, state(), clock.monotonicMs() - this.#beganMs);
    this.#isShown = true;
    if (this.#isScreen) stream.write(`\r${line.slice(0, stream.columns - 1)}\x1b[K`);
    else stream.write(`${line}\n`);
  }
}
