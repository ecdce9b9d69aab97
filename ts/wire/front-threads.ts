import { Worker } from 'node:worker_threads';
import type { Config } from '../config/index.ts';
import type { LogFormat, Logger, LogLevel } from '../monitoring/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock } from '../util/clock.ts';

/** What a front thread is started with. */
export interface FrontThreadData {
  readonly engineHandle: number;
  /** With the port that the first listener bound. */
  readonly network: Config['network'];
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/** `drain`: accept no more, end connections as they become idle, then end. `cut`: end them now. */
export type FrontCommand = 'drain' | 'cut';

/** A front that fails is started again, not sooner than this. */
const RESTART_MS = 1000;

/** As for native threads (`STACK_BYTES`): statements are planned on either. */
const STACK_MEBIBYTES = 8;
/**
 * What V8 may take for young objects, three times the size of a semi-space. Bursts of connections
 * would make it grow to eight times as much, for good, and little lives long enough here to gain.
 */
const YOUNG_MEBIBYTES = 12;
const ENTRY = new URL(
  import.meta.filename.endsWith('.ts') ? './front-thread.ts' : './front-thread.js',
  import.meta.url,
);

/**
 * The front threads beside the main one. Each has an event loop and a listener of its own; they
 * share the engine, so a client cannot tell which of them serves it. One that fails costs its
 * connections, not the process, and is started again.
 */
export class FrontThreads {
  readonly #data: FrontThreadData;
  readonly #log: Logger;
  readonly #clock: Clock;
  /** By number. */
  readonly #workers: BoundedMap<number, Worker>;
  #started = 0;
  #isDraining = false;

  /** Starts `count` threads after `delayMs`; they listen a moment later. */
  constructor(
    { count, delayMs }: { readonly count: number; readonly delayMs: number },
    data: FrontThreadData,
    log: Logger,
    clock: Clock,
  ) {
    this.#workers = new BoundedMap({
      name: 'front_threads',
      cap: Math.max(1, count),
      whenFull: 'refuse',
    });
    this.#data = data;
    this.#log = log.child('wire');
    this.#clock = clock;
    clock.after(delayMs, () => {
      for (let at = 0; at < count; at += 1) this.#spawn();
    });
  }

  /** Threads that have not ended. */
  get size(): number {
    return this.#workers.size;
  }

  drain(): void {
    this.#isDraining = true;
    this.#tell('drain');
  }

  cut(): void {
    this.#tell('cut');
  }

  #tell(command: FrontCommand): void {
    for (const worker of this.#workers.values()) worker.postMessage(command);
  }

  #spawn(): void {
    if (this.#isDraining) return;
    const resourceLimits = {
      stackSizeMb: STACK_MEBIBYTES,
      maxYoungGenerationSizeMb: YOUNG_MEBIBYTES,
    };
    const worker = new Worker(ENTRY, { workerData: this.#data, resourceLimits });
    this.#started += 1;
    const number = this.#started;
    this.#workers.set(number, worker);
    worker.on('error', (error) => this.#log.error('a front thread failed', { error }));
    worker.on('exit', () => {
      this.#workers.delete(number);
      if (!this.#isDraining) this.#clock.after(RESTART_MS, () => this.#spawn());
    });
  }
}
