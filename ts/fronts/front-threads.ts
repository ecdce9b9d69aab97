import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AuditEvent } from '../audit/index.ts';
import type { Config } from '../config/index.ts';
import { RustyError } from '../errors/index.ts';
import type { LogFormat, Logger, LogLevel } from '../monitoring/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock } from '../util/clock.ts';

/** What all front threads are started with. */
export interface FrontData extends FrontConfig {
  readonly engineHandle: number;
  /** The ports that the main thread's listeners bound; no HTTP where it is not shared. */
  readonly ports: { readonly sql: number; readonly http: number };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** What new connections are judged by (`DoorRules`), as it is when a thread starts. */
  readonly doorRules: unknown;
  /** Memory that the HTTP door shares with its lanes, by name. */
  readonly memory: Readonly<Record<string, SharedArrayBuffer>>;
}

/** What one is started with. */
export interface FrontThreadData extends FrontData {
  /** Of this thread; the main one is 0. */
  readonly thread: number;
}

/**
 * What a front is told. `drain`: accept no more, end connections as they become idle, then end.
 * `cut`: end them now. All else is for the doors.
 */
export type ToFront =
  | { readonly kind: 'config'; readonly config: FrontConfig }
  | { readonly kind: 'drain' | 'cut' }
  | { readonly kind: 'tell'; readonly value: unknown }
  | { readonly kind: 'ask'; readonly question: number; readonly value: unknown };

/** What of the configuration a front follows while it runs. */
export type FrontConfig = Pick<Config, 'network' | 'api' | 'pool' | 'monitoring' | 'audit'>;

/** What a front saw that the main thread keeps. */
export interface FrontReport {
  /** Lines of its log, as JSON. */
  readonly lines: readonly string[];
  readonly events: readonly AuditEvent[];
  /** Events that it had no room for. */
  readonly droppedEvents: number;
}

/** What a front says. */
export type FromFront =
  | { readonly kind: 'report'; readonly report: FrontReport }
  | { readonly kind: 'tell'; readonly value: unknown }
  | { readonly kind: 'answer'; readonly question: number; readonly value: unknown };

/** What the main thread does about its fronts. */
export interface FrontEvents {
  /** A front says something. */
  onTell(value: unknown): void;
  onReport(report: FrontReport): void;
  /** A front has ended, whatever it had. */
  onEnd(thread: number): void;
}

/**
 * Where the configuration does not say there is one thread more than cores, for the kernel divides
 * connections by chance and one more evens that out; at most so many.
 */
const FRONT_THREADS_MAX = 8;
/** Front threads wait for this long, so that the server is ready before they take its cores. */
const FRONT_DELAY_MS = 20;
/** A front that fails is started again, not sooner than this. */
const RESTART_MS = 1000;
/** Questions that wait for answers. */
const QUESTIONS_MAX = 1000;

/** As for native threads (`STACK_BYTES`): statements are planned on either. */
const STACK_MEBIBYTES = 8;
/**
 * What V8 may take for young objects, three times the size of a semi-space. Bursts of connections
 * would make it grow to eight times as much, for good, and little lives long enough here to gain.
 */
const YOUNG_MEBIBYTES = 12;
const ENTRY = new URL(
  import.meta.filename.endsWith('.ts') ? '../front-thread.ts' : '../front-thread.js',
  import.meta.url,
);

/** Threads that have listeners, the main one among them. Only Linux divides a port's connections. */
export function listeningThreads({ network }: Config): number {
  if (process.platform !== 'linux') return 1;
  const { frontThreads } = network;
  return frontThreads > 0 ? frontThreads : Math.min(availableParallelism() + 1, FRONT_THREADS_MAX);
}

interface Question {
  readonly answers: unknown[];
  /** Threads that have not answered. */
  readonly open: number[];
  readonly resolve: (answers: readonly unknown[]) => void;
}

/**
 * The front threads beside the main one. Each has an event loop and listeners of its own; they share
 * the engine, so a client cannot tell which of them serves it. One that fails costs its connections,
 * not the process, and is started again.
 */
export class FrontThreads {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #count: number;
  /** By number. */
  readonly #workers: BoundedMap<number, Worker>;
  readonly #questions = new BoundedMap<number, Question>({
    name: 'front_questions',
    cap: QUESTIONS_MAX,
    whenFull: 'refuse',
  });
  #data: FrontData | undefined;
  /** What has changed since the start. */
  #config: Partial<FrontConfig> = {};
  #asked = 0;
  #isDraining = false;

  /** `threads` with the main one. */
  constructor(threads: number, log: Logger, clock: Clock) {
    this.#count = threads - 1;
    this.#workers = new BoundedMap({
      name: 'front_threads',
      cap: Math.max(1, this.#count),
      whenFull: 'refuse',
    });
    this.#log = log.child('fronts');
    this.#clock = clock;
  }

  /** Threads that have not ended. */
  get size(): number {
    return this.#workers.size;
  }

  /** Starts the threads in a moment; they listen a moment later. */
  start(data: FrontData, events: FrontEvents): void {
    this.#data = data;
    this.#clock.after(FRONT_DELAY_MS, () => {
      for (let thread = 1; thread <= this.#count; thread += 1) {
        this.#spawn(thread, events);
      }
    });
  }

  stop(): void {
    this.#isDraining = true;
    this.#send({ kind: 'drain' });
  }

  destroyAll(): void {
    this.#send({ kind: 'cut' });
  }

  /** The configuration has changed. */
  configure(config: FrontConfig): void {
    this.#config = config;
    this.#send({ kind: 'config', config });
  }

  tell(value: unknown): void {
    this.#send({ kind: 'tell', value });
  }

  /** What each thread answers that does not end meanwhile. RESOURCE_EXHAUSTED where many ask. */
  ask(value: unknown): Promise<readonly unknown[]> {
    const open = [...this.#workers.keys()];
    if (open.length === 0) return Promise.resolve([]);
    const { promise, resolve } = Promise.withResolvers<readonly unknown[]>();
    this.#asked += 1;
    const question = this.#asked;
    if (!this.#questions.set(question, { answers: [], open, resolve })) {
      const what = 'questions to other threads';
      return Promise.reject(RustyError.of('RESOURCE_EXHAUSTED', { what, limit: QUESTIONS_MAX }));
    }
    this.#send({ kind: 'ask', question, value });
    return promise;
  }

  #send(message: ToFront): void {
    for (const worker of this.#workers.values()) worker.postMessage(message);
  }

  #spawn(thread: number, events: FrontEvents): void {
    if (this.#isDraining || this.#data === undefined) return;
    const workerData: FrontThreadData = { ...this.#data, ...this.#config, thread };
    const resourceLimits = {
      stackSizeMb: STACK_MEBIBYTES,
      maxYoungGenerationSizeMb: YOUNG_MEBIBYTES,
    };
    const worker = new Worker(ENTRY, { workerData, resourceLimits });
    this.#workers.set(thread, worker);
    worker.on('message', (message: FromFront) => {
      if (message.kind === 'tell') events.onTell(message.value);
      else if (message.kind === 'report') events.onReport(message.report);
      else this.#answer(thread, message.question, [message.value]);
    });
    worker.on('error', (error) => this.#log.error('a front thread failed', { error }));
    worker.on('exit', () => {
      this.#workers.delete(thread);
      for (const question of [...this.#questions.keys()]) this.#answer(thread, question, []);
      events.onEnd(thread);
      if (!this.#isDraining) this.#clock.after(RESTART_MS, () => this.#spawn(thread, events));
    });
  }

  #answer(thread: number, number: number, answers: readonly unknown[]): void {
    const question = this.#questions.get(number);
    const at = question?.open.indexOf(thread) ?? -1;
    if (question === undefined || at === -1) return;
    question.open.splice(at, 1);
    question.answers.push(...answers);
    if (question.open.length > 0) return;
    this.#questions.delete(number);
    question.resolve(question.answers);
  }
}
