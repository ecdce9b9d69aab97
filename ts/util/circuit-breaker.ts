// Leaves alone for a while what keeps failing. Closed: calls go through, and failures are counted.
// Open: calls are refused at once. Half-open: a few are tried, and decide. Each change of the state
// begins a new generation; what a call of an older one comes to does not count any more, so that
// the slow failures of an outage do not undo its end.
import { RustyError } from '../errors/index.ts';
import { CallWindow } from './call-window.ts';
import type { Clock } from './clock.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** When a breaker opens, and when it closes again. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failureThreshold: number;
  /** The share of failures that opens it, above 0 and at most 1. */
  readonly failureRatio: number;
  /** Calls within the window without which the share says nothing. */
  readonly minimumVolume: number;
  readonly windowMs: number;
  /** Calls that must succeed while it is half-open; as many are tried at one time. */
  readonly successThreshold: number;
  /** How long it stays open before calls are tried. */
  readonly timeoutMs: number;
}

export const BREAKER_POLICY: BreakerPolicy = {
  failureThreshold: 5,
  failureRatio: 0.5,
  minimumVolume: 20,
  windowMs: 10_000,
  successThreshold: 2,
  timeoutMs: 30_000,
};

/** Why a state was left. */
export type BreakerReason =
  | 'failures in a row'
  | 'share of failures'
  | 'timeout'
  | 'trials succeeded'
  | 'trial failed'
  | 'trials lost'
  | 'tripped'
  | 'reset'
  | 'tested';

export interface BreakerChange {
  readonly at: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: BreakerReason;
  /** The one that began. */
  readonly generation: number;
  /** The message of the failure that decided it. */
  readonly error: string | null;
}

/** Calls since the breaker was made. */
export interface BreakerCalls {
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
  /** Ended after their generation had. */
  readonly late: number;
}

export interface BreakerReport {
  readonly name: string;
  readonly state: BreakerState;
  readonly generation: number;
  readonly since: string;
  /** Opened by hand: it stays open until it is reset. */
  readonly isTripped: boolean;
  /** Until calls are tried; null where nothing is waited for. */
  readonly retryAfterMs: number | null;
  readonly consecutiveFailures: number;
  readonly window: { readonly calls: number; readonly failures: number };
  readonly calls: BreakerCalls;
  readonly policy: BreakerPolicy;
}

/** A call that may be made. Exactly one of the two is told, once; more is ignored. */
export interface BreakerPermit {
  succeeded(): void;
  failed(error?: unknown): void;
}

export interface CircuitBreakerOptions {
  /** What it protects calls to; in errors, metrics and paths. */
  readonly name: string;
  readonly clock: Clock;
  readonly policy?: Partial<BreakerPolicy>;
  /** Where it says no, every call is tried, and only counted. */
  readonly isEnabled?: () => boolean;
  /** A call that can be made at any time to see whether calls succeed. */
  readonly probe?: () => Promise<unknown>;
}

/** Changes that are kept; the oldest go. */
const HISTORY_MAX = 100;
const ERROR_MAX_LENGTH = 200;

const messageOf = (error: unknown): string | null =>
  error === undefined
    ? null
    : (error instanceof Error ? error.message : String(error)).slice(0, ERROR_MAX_LENGTH);

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #policy: BreakerPolicy;
  #window: CallWindow;
  #state: BreakerState = 'closed';
  #generation = 1;
  #sinceMs: number;
  #sinceText: string;
  #isTripped = false;
  #consecutiveFailures = 0;
  /** Of this half-open generation. */
  #trials = 0;
  #trialSuccesses = 0;
  readonly #calls = { succeeded: 0, failed: 0, refused: 0, late: 0 };
  readonly #history: BreakerChange[] = [];

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#policy = { ...BREAKER_POLICY, ...options.policy };
    this.#window = new CallWindow(this.#policy.windowMs);
    this.#sinceMs = options.clock.monotonicMs();
    this.#sinceText = this.#nowText();
  }

  get name(): string {
    return this.#options.name;
  }

  /** As the next call would find it: an open one whose time is over is half-open. */
  get state(): BreakerState {
    this.#expire();
    return this.#state;
  }

  /** Changes of the state, the newest first. */
  get history(): readonly BreakerChange[] {
    return this.#history.toReversed();
  }

  get hasProbe(): boolean {
    return this.#options.probe !== undefined;
  }

  /** Another policy from now on; what was counted stays, but for the window where that changes. */
  configure(policy: Partial<BreakerPolicy>): void {
    const { windowMs } = this.#policy;
    this.#policy = { ...this.#policy, ...policy };
    if (this.#policy.windowMs !== windowMs) this.#window = new CallWindow(this.#policy.windowMs);
  }

  /** Leave to make one call, whose end must be told. CIRCUIT_OPEN where calls are refused. */
  acquire(): BreakerPermit {
    this.#expire();
    const isEnabled = this.#options.isEnabled?.() ?? true;
    const { successThreshold } = this.#policy;
    if (isEnabled && this.#state === 'open') throw this.#refuse();
    if (this.#state === 'half-open') {
      if (isEnabled && this.#trials >= successThreshold) throw this.#refuse();
      this.#trials += 1;
    }
    return this.#permit();
  }

  /**
   * Makes a call where calls are made. What it rejects with counts as a failure unless `isFailure`
   * says that it is the caller's own.
   */
  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean = () => true) {
    const permit = this.acquire();
    try {
      const result = await call();
      permit.succeeded();
      return result;
    } catch (error) {
      if (isFailure(error)) permit.failed(error);
      else permit.succeeded();
      throw error;
    }
  }

  /** Opens it until it is reset. */
  trip(): void {
    this.#isTripped = true;
    if (this.#state !== 'open') this.#become('open', 'tripped');
  }

  /** Closes it, whatever was counted. */
  reset(): void {
    this.#isTripped = false;
    this.#window.clear();
    this.#consecutiveFailures = 0;
    if (this.#state !== 'closed') this.#become('closed', 'reset');
  }

  /**
   * Tries now: by its probe where it has one, whatever that comes to; else the next calls decide.
   * A closed breaker without a probe has nothing to try.
   */
  async test(): Promise<{ readonly probed: boolean; readonly error: string | null }> {
    this.#expire();
    this.#isTripped = false;
    if (this.#state === 'open') this.#become('half-open', 'tested');
    const { probe } = this.#options;
    if (probe === undefined) return { probed: false, error: null };
    try {
      await this.run(probe);
      return { probed: true, error: null };
    } catch (error) {
      return { probed: true, error: messageOf(error) };
    }
  }

  report(): BreakerReport {
    const state = this.state;
    const { calls, failures } = this.#window.count(this.#nowMs());
    return {
      name: this.name,
      state,
      generation: this.#generation,
      since: this.#sinceText,
      isTripped: this.#isTripped,
      retryAfterMs: state === 'open' && !this.#isTripped ? this.#remainingMs() : null,
      consecutiveFailures: this.#consecutiveFailures,
      window: { calls, failures },
      calls: { ...this.#calls },
      policy: this.#policy,
    };
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #nowText(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }

  /** Until a breaker that opened by itself tries again; whole milliseconds, at least 1. */
  #remainingMs(): number {
    return Math.max(1, Math.ceil(this.#sinceMs + this.#policy.timeoutMs - this.#nowMs()));
  }

  /** What time alone changes. */
  #expire(): void {
    const isOver = this.#nowMs() - this.#sinceMs >= this.#policy.timeoutMs;
    if (!isOver || this.#isTripped) return;
    if (this.#state === 'open') this.#become('half-open', 'timeout');
    // Trials whose end nobody tells must not keep it half-open for ever.
    const areOut = this.#state === 'half-open' && this.#trials >= this.#policy.successThreshold;
    if (areOut) this.#become('half-open', 'trials lost');
  }

  #refuse(): RustyError {
    this.#calls.refused += 1;
    const retryAfterMs =
      this.#state === 'open' && !this.#isTripped ? this.#remainingMs() : undefined;
    return RustyError.of('CIRCUIT_OPEN', { what: this.name }, { retryAfterMs });
  }

  #permit(): BreakerPermit {
    const generation = this.#generation;
    let isTold = false;
    const tell = (end: () => void): void => {
      if (isTold) return;
      isTold = true;
      if (generation === this.#generation) end();
      else this.#calls.late += 1;
    };
    return {
      succeeded: () => tell(() => this.#succeeded()),
      failed: (error) => tell(() => this.#failed(error)),
    };
  }

  #succeeded(): void {
    this.#calls.succeeded += 1;
    this.#consecutiveFailures = 0;
    this.#window.add(this.#nowMs(), false);
    if (this.#state !== 'half-open') return;
    this.#trialSuccesses += 1;
    if (this.#trialSuccesses < this.#policy.successThreshold) return;
    this.#window.clear();
    this.#become('closed', 'trials succeeded');
  }

  #failed(error: unknown): void {
    this.#calls.failed += 1;
    this.#consecutiveFailures += 1;
    const nowMs = this.#nowMs();
    this.#window.add(nowMs, true);
    if (this.#state === 'half-open') {
      this.#become('open', 'trial failed', error);
      return;
    }
    if (this.#state !== 'closed' || this.#options.isEnabled?.() === false) return;
    const { failureThreshold, failureRatio, minimumVolume } = this.#policy;
    if (this.#consecutiveFailures >= failureThreshold) {
      this.#become('open', 'failures in a row', error);
      return;
    }
    const { calls, failures } = this.#window.count(nowMs);
    const isMost = calls >= minimumVolume && failures >= failureRatio * calls;
    if (isMost) this.#become('open', 'share of failures', error);
  }

  #become(to: BreakerState, reason: BreakerReason, error?: unknown): void {
    const from = this.#state;
    this.#state = to;
    this.#generation += 1;
    this.#sinceMs = this.#nowMs();
    this.#sinceText = this.#nowText();
    this.#trials = 0;
    this.#trialSuccesses = 0;
    if (to === 'closed') this.#consecutiveFailures = 0;
    this.#history.push({
      at: this.#sinceText,
      from,
      to,
      reason,
      generation: this.#generation,
      error: messageOf(error),
    });
    if (this.#history.length > HISTORY_MAX) this.#history.shift();
  }
}
