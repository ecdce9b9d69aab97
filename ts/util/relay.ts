import { BoundedQueue } from './bounded-queue.ts';
import type { Clock, Timer } from './clock.ts';

/** How long entries are gathered before they go out together. */
const GATHER_MS = 50;

export interface RelayOptions<Entry> {
  readonly name: string;
  readonly clock: Clock;
  /** Entries that may wait; further ones are dropped, and counted. */
  readonly cap: number;
  /** Takes what was gathered, and how many were dropped since it was called last. */
  readonly send: (entries: readonly Entry[], dropped: number) => void;
}

/** Hands entries on to another thread in batches, and no more than so many at a time. */
export class Relay<Entry> {
  readonly #options: RelayOptions<Entry>;
  readonly #entries: BoundedQueue<Entry>;
  #dropped = 0;
  #timer: Timer | undefined;

  constructor(options: RelayOptions<Entry>) {
    this.#options = options;
    this.#entries = new BoundedQueue({ name: options.name, cap: options.cap });
  }

  push(entry: Entry): void {
    if (!this.#entries.push(entry)) this.#dropped += 1;
    this.#timer ??= this.#options.clock.after(GATHER_MS, () => this.flush());
  }

  /** Sends what there is now. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const entries = this.#entries.entries();
    if (entries.length === 0 && this.#dropped === 0) return;
    this.#entries.clear();
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#options.send(entries, dropped);
  }
}
