import { RustyError } from '../errors/index.ts';
import { BoundedMap } from './bounded-map.ts';
import {
  type BreakerPolicy,
  CircuitBreaker,
  type CircuitBreakerOptions,
} from './circuit-breaker.ts';
import type { Clock } from './clock.ts';
import type { Fill } from './fill.ts';

/** One for each thing that may fail and is not ours: services, webhooks, collectors. */
const BREAKERS_MAX = 1000;

export interface CircuitBreakersOptions {
  readonly clock: Clock;
  /** Where it says no, breakers only count. */
  readonly isEnabled: () => boolean;
}

/** The circuit breakers of the process, by name. */
export class CircuitBreakers {
  readonly #options: CircuitBreakersOptions;
  readonly #breakers = new BoundedMap<string, CircuitBreaker>({
    name: 'circuit_breakers',
    cap: BREAKERS_MAX,
    whenFull: 'refuse',
  });

  constructor(options: CircuitBreakersOptions) {
    this.#options = options;
  }

  /** The one of this name, made where there is none. RESOURCE_EXHAUSTED where there are too many. */
  get(name: string, options: Pick<CircuitBreakerOptions, 'policy' | 'probe'> = {}): CircuitBreaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const breaker = new CircuitBreaker({ ...this.#options, ...options, name });
    if (this.#breakers.set(name, breaker)) return breaker;
    throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'circuit breakers', limit: BREAKERS_MAX });
  }

  /** The one of this name. NOT_FOUND where there is none. */
  find(name: string): CircuitBreaker {
    const known = this.#breakers.get(name);
    if (known === undefined) throw RustyError.of('NOT_FOUND', { what: `circuit breaker ${name}` });
    return known;
  }

  /** Another policy for the one of this name, which need not be in use yet. */
  configure(name: string, policy: Partial<BreakerPolicy>): CircuitBreaker {
    const breaker = this.get(name);
    breaker.configure(policy);
    return breaker;
  }

  /** What nobody needs any more goes. */
  forget(name: string): void {
    this.#breakers.delete(name);
  }

  list(): readonly CircuitBreaker[] {
    return [...this.#breakers.values()];
  }

  fill(): Fill {
    return this.#breakers.fill();
  }
}
