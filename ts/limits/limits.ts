import type { Config } from '../config/index.ts';
import { RustyError, SQLSTATES } from '../errors/index.ts';
import type { Logger } from '../monitoring/index.ts';
import { type Engine, type LimitsChange, NativeLimits } from '../native/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { configuredRules } from './configured-rules.ts';
import { type ClientAttributes, LimitedClient } from './limited-client.ts';

/** Patterns by attribute; of a list one must fit. */
export type Conditions = Readonly<Record<string, string | readonly string[]>>;

/** Units that a request costs, or the bytes of its answer. */
export type Cost = number | 'bytes';

/** How much whom: the native side checks and compiles it. */
export interface RateLimit {
  readonly id: string;
  /** Attributes with `+` between them. */
  readonly key: string;
  readonly algorithm:
    | 'token_bucket'
    | 'leaky_bucket'
    | 'fixed_window'
    | 'sliding_window'
    | 'adaptive';
  readonly requests: number;
  readonly windowSecs: number;
  readonly burst?: number | undefined;
  /** Units that a request costs, or what it is measured by; 1 where it is absent. */
  readonly cost?: Cost | undefined;
  readonly match?: Conditions | undefined;
}

export interface RateLimitInForce extends RateLimit {
  readonly source: 'configuration' | 'rules';
}

/** How much whom in a calendar day or month of UTC. */
export interface Quota {
  readonly id: string;
  readonly key: string;
  readonly period: 'day' | 'month';
  readonly limit: number;
  readonly cost?: Cost | undefined;
  readonly match?: Conditions | undefined;
}

export interface LimiterStatistics {
  readonly clients: number;
  /** The most that were there at one time. */
  readonly clientsPeak: number;
  readonly clientsMax: number;
  readonly memoryBytes: number;
  readonly quotaCounts: number;
  readonly denied: number;
  /** Checks of clients for whom the table had no room. */
  readonly overflows: number;
  readonly quotaFailures: number;
  /** By how much adaptive rules are slowed down; 1 is not at all. */
  readonly slowness: number;
}

export interface LimitsInForce {
  readonly version: number;
  readonly rules: readonly RateLimitInForce[];
  readonly quotas: readonly Quota[];
  readonly statistics: LimiterStatistics;
}

/** Clients that a thread keeps resolved; others are resolved anew, which costs microseconds. */
const CLIENTS_MAX = 10_000;
const MAINTAIN_MS = 1000;

/**
 * The limiter of an engine, on one thread. Rules, quotas and what clients have taken are those of all
 * threads; this has the clients that the thread has asked for lately.
 */
export class Limits {
  readonly #native: NativeLimits;
  readonly #clients = new BoundedMap<string, LimitedClient>({
    name: 'resolved_clients',
    cap: CLIENTS_MAX,
    whenFull: 'evict-least-recent',
    onEvict: (_, client) => client.release(),
  });

  constructor(engine: Pick<Engine, 'handle'>) {
    this.#native = new NativeLimits(engine);
  }

  /** The client of these attributes. It may be kept for as long as one likes. */
  readonly client = (attributes: ClientAttributes): LimitedClient => {
    const key = Object.values(attributes).join('\0');
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = new LimitedClient(this.#native, attributes, this.client);
    this.#clients.set(key, client);
    return client;
  };

  /** The rules that follow from the configuration, in force for all threads. */
  configure(config: Pick<Config, 'api' | 'network' | 'gateway' | 'limits'>): void {
    const { gateway, limits } = config;
    this.#native.configure(configuredRules(config), limits.maxClients, gateway.enableRateLimiting);
  }

  /** Keeps the table small and the counts on disk, for all threads; until the timer is cancelled. */
  maintain(clock: Clock, log: Logger): Timer {
    let isFailing = false;
    return clock.every(MAINTAIN_MS, () => {
      this.maintainOnce().then(
        () => {
          isFailing = false;
        },
        (error: unknown) => {
          if (!isFailing) log.error('counts of quotas could not be kept', { error });
          isFailing = true;
        },
      );
    });
  }

  /** One step of `maintain`. */
  maintainOnce(): Promise<void> {
    return this.#native.maintain();
  }

  inForce(): LimitsInForce {
    return this.#native.describe() as LimitsInForce;
  }

  createRule(rule: RateLimit): Promise<void> {
    return this.#change('create rule', rule);
  }

  replaceRule(rule: RateLimit): Promise<void> {
    return this.#change('replace rule', rule);
  }

  dropRule(id: string): Promise<void> {
    return this.#native.change('drop rule', id);
  }

  createQuota(quota: Quota): Promise<void> {
    return this.#change('create quota', quota);
  }

  replaceQuota(quota: Quota): Promise<void> {
    return this.#change('replace quota', quota);
  }

  dropQuota(id: string): Promise<void> {
    return this.#native.change('drop quota', id);
  }

  async #change(change: LimitsChange, definition: RateLimit | Quota): Promise<void> {
    try {
      await this.#native.change(change, JSON.stringify(definition));
    } catch (error) {
      if (!(error instanceof RustyError) || error.sqlstate !== SQLSTATES.INVALID_PARAMETER_VALUE)
        throw error;
      throw RustyError.of('VALIDATION_ERROR', { what: error.message }, { cause: error });
    }
  }
}
