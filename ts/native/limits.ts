import * as addon from './addon.ts';
import type { Engine } from './engine.ts';
import { awaitNative, callNative, fromNative } from './native-error.ts';

/** Which rules are asked: `early` are those that need to know nothing of who the client is. */
export const PHASE = {
  early: addon.LIMITS_EARLY,
  late: addon.LIMITS_LATE,
  all: addon.LIMITS_ALL,
} as const;

export type Phase = (typeof PHASE)[keyof typeof PHASE];

/** Whether a client may go on; `none` where no rule is about it. */
export const ANSWER = {
  none: addon.LIMITS_NONE,
  allowed: addon.LIMITS_ALLOWED,
  refused: addon.LIMITS_REFUSED,
} as const;

/** A bit beside the answer: the limiter wants to be told when the request has ended. */
export const SETTLES = addon.LIMITS_SETTLES;

/** What a check left to be read. */
export interface Checked {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
  readonly retryAfterMs: number;
}

const view = callNative(() => addon.limitsView());

/** Numbers of the check that was made last on this thread, unless it was `none`. */
export const lastCheck = (): Checked => ({
  limit: view[0] as number,
  remaining: view[1] as number,
  resetMs: view[2] as number,
  retryAfterMs: view[3] as number,
});

/** Which of its client's limits that check was about. */
export const lastPlace = (): number => view[4] as number;

/**
 * Whether the client of a handle may go on: one of `ANSWER`, with or without `SETTLES`;
 * `lastCheck` says more. `phase` is one of
 * `PHASE`. Tens of nanoseconds: nothing but numbers crosses.
 */
export function checkClient(client: number, phase: Phase): number {
  try {
    return addon.limitsCheck(client, phase);
  } catch (error) {
    throw fromNative(error);
  }
}

/** What a request has used. */
export interface Usage {
  readonly rows?: number;
  readonly cpuMs?: number;
  readonly bytes?: number;
}

/** What there is to do about a rule or a quota; what is dropped is named by its id. */
export type LimitsChange = `${'create' | 'replace' | 'drop'} ${'rule' | 'quota'}`;

/** The limiter of an engine, as one thread has it. */
export class NativeLimits {
  readonly #engine: number;

  constructor({ handle }: Pick<Engine, 'handle'>) {
    this.#engine = handle;
  }

  /** Sets the rules that follow from the configuration, the size of the table, and whether all is on. */
  configure(rules: readonly object[], clientsMax: number, isOn: boolean): void {
    const text = JSON.stringify(rules);
    callNative(() => addon.limitsConfigure(this.#engine, text, clientsMax, isOn));
  }

  /** The handle of a client of these attributes, names and values in turn. Give it back by `release`. */
  client(attributes: readonly string[]): number {
    return callNative(() => addon.limitsClient(this.#engine, [...attributes]));
  }

  release(client: number): void {
    callNative(() => addon.limitsRelease(client));
  }

  /** Which rule or quota stands at a place of a client. */
  nameOf(client: number, place: number): string {
    return callNative(() => addon.limitsName(client, place));
  }

  /** A request of the client has ended. */
  settle(client: number, { rows = 0, cpuMs = 0, bytes = 0 }: Usage, elapsedMs: number): void {
    callNative(() => addon.limitsSettle(client, rows, cpuMs, bytes, elapsedMs));
  }

  /** Rules, quotas and counters, as JSON. */
  describe(): unknown {
    return JSON.parse(callNative(() => addon.limitsDescribe(this.#engine)));
  }

  /** Waits for the disk. `json` is the rule or quota, or an id. */
  change(change: LimitsChange, json: string): Promise<void> {
    return awaitNative(() => addon.limitsChange(this.#engine, change, json));
  }

  /** Forgets who may be forgotten, and brings counts to the disk. */
  maintain(): Promise<void> {
    return awaitNative(() => addon.limitsMaintain(this.#engine));
  }
}
