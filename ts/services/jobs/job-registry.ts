// The long jobs of a server: what takes longer than a request should. One registry for all kinds;
// who starts a job gives it a name and its work, and hears no more of it.
import { RustyError } from '../../errors/index.ts';
import { BoundedMap } from '../../util/bounded-map.ts';
import type { Clock } from '../../util/clock.ts';
import type { Fill } from '../../util/fill.ts';

/** What there are jobs of. */
export type JobKind = 'import' | 'maintenance';

export type JobState = 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

/** A job as its owner sees it. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** What it is about: a table. */
  readonly subject: string;
  readonly requestId: string;
  readonly state: JobState;
  /** 0 to 1; 1 is reached by success alone. */
  readonly progress: number;
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly finished: string | undefined;
  /** Why it failed or was cancelled. */
  readonly error: RustyError | undefined;
  /** What its work answered. */
  readonly result: unknown;
}

/** What the work of a job has of it. */
export interface JobControl {
  /** Aborts with a CANCELLED when the job is to end; the work then rejects, having had no effect. */
  readonly signal: AbortSignal;
  /** Says how far the work is, 0 to 1; what goes back is passed over. */
  progress(share: number): void;
}

export interface NewJob<Result> {
  readonly kind: JobKind;
  readonly subject: string;
  /** Nobody else sees the job. */
  readonly owner: string;
  /** Of the request that started it. */
  readonly requestId: string;
  run(control: JobControl): Promise<Result>;
}

export interface JobRegistryOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  /** Jobs that are kept, those that have ended among them. */
  readonly maxJobs: number;
  /** As long one that has ended is kept, where no newer one needs its place. */
  readonly keptMs: number;
  /** What was thrown, as it is told. */
  readonly toError: (thrown: unknown) => RustyError;
}

/** The last step before the end: work that is done may still fail. */
const ALMOST = 0.999;

interface Entry {
  readonly kind: JobKind;
  readonly subject: string;
  readonly owner: string;
  readonly requestId: string;
  readonly started: string;
  readonly abort: AbortController;
  state: JobState;
  progress: number;
  finishedMs: number | undefined;
  finished: string | undefined;
  error: RustyError | undefined;
  result: unknown;
}

const isOver = ({ finishedMs }: Entry): boolean => finishedMs !== undefined;

/**
 * Jobs by id, at most `maxJobs`: a new one takes the place of the one that ended first, and is
 * refused where all of them run.
 */
export class JobRegistry {
  readonly #options: JobRegistryOptions;
  readonly #jobs: BoundedMap<string, Entry>;
  #running = 0;

  constructor(options: JobRegistryOptions) {
    this.#options = options;
    this.#jobs = new BoundedMap({ name: 'jobs', cap: options.maxJobs, whenFull: 'refuse' });
  }

  /** Jobs that have not ended. */
  get running(): number {
    return this.#running;
  }

  fill(): Fill {
    this.#forgetOld();
    return this.#jobs.fill();
  }

  /** Starts a job; answers its id. RESOURCE_EXHAUSTED where too many run. */
  start<Result>({ run, ...about }: NewJob<Result>): string {
    const { clock, newId, maxJobs } = this.#options;
    this.#forgetOld();
    if (this.#jobs.size >= maxJobs) this.#forgetFirst();
    const id = newId();
    const entry: Entry = {
      ...about,
      started: new Date(clock.wallMs()).toISOString(),
      abort: new AbortController(),
      state: 'running',
      progress: 0,
      finishedMs: undefined,
      finished: undefined,
      error: undefined,
      result: undefined,
    };
    if (!this.#jobs.set(id, entry)) {
      throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'jobs that run', limit: maxJobs });
    }
    this.#running += 1;
    void this.#run(entry, run);
    return id;
  }

  /** The jobs of an owner. */
  list(owner: string): readonly Job[] {
    this.#forgetOld();
    return [...this.#jobs.entries()]
      .filter(([, entry]) => entry.owner === owner)
      .map(([id, entry]) => shown(id, entry));
  }

  /** A job of an owner, or NOT_FOUND. */
  get(owner: string, id: string): Job {
    this.#forgetOld();
    return shown(id, this.#find(owner, id));
  }

  /** Ends a job, which leaves nothing; one that has ended is forgotten. */
  cancel(owner: string, id: string): void {
    const entry = this.#find(owner, id);
    if (isOver(entry)) this.#jobs.delete(id);
    else this.#abort(entry, 'the job, by request');
  }

  /** Ends all of them: the server stops. */
  cancelAll(): void {
    for (const entry of this.#jobs.values()) {
      if (!isOver(entry)) this.#abort(entry, 'the job, for the server stops');
    }
  }

  #find(owner: string, id: string): Entry {
    const entry = this.#jobs.get(id);
    // What belongs to another is not there.
    if (entry?.owner !== owner) throw RustyError.of('NOT_FOUND', { what: `job ${id}` });
    return entry;
  }

  #abort(entry: Entry, what: string): void {
    entry.state = 'cancelling';
    entry.abort.abort(RustyError.of('CANCELLED', { what }));
  }

  async #run(entry: Entry, run: NewJob<unknown>['run']): Promise<void> {
    const progress = (share: number): void => {
      entry.progress = Math.max(entry.progress, Math.min(share, ALMOST));
    };
    try {
      entry.result = await run({ signal: entry.abort.signal, progress });
      entry.progress = 1;
      entry.state = 'succeeded';
    } catch (thrown) {
      const { signal } = entry.abort;
      entry.error = this.#options.toError(signal.aborted ? signal.reason : thrown);
      entry.state = entry.error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    }
    const { clock } = this.#options;
    entry.finishedMs = clock.monotonicMs();
    entry.finished = new Date(clock.wallMs()).toISOString();
    this.#running -= 1;
  }

  #forgetOld(): void {
    const { clock, keptMs } = this.#options;
    const since = clock.monotonicMs() - keptMs;
    for (const [id, { finishedMs }] of this.#jobs.entries()) {
      if (finishedMs !== undefined && finishedMs <= since) this.#jobs.delete(id);
    }
  }

  /** Makes room by the job that ended first. */
  #forgetFirst(): void {
    let first: { readonly id: string; readonly endedMs: number } | undefined;
    for (const [id, { finishedMs: endedMs }] of this.#jobs.entries()) {
      if (endedMs === undefined) continue;
      if (first === undefined || endedMs < first.endedMs) first = { id, endedMs };
    }
    if (first !== undefined) this.#jobs.delete(first.id);
  }
}

function shown(id: string, { abort: _, owner: _owner, finishedMs: _ms, ...job }: Entry): Job {
  return { id, ...job };
}
