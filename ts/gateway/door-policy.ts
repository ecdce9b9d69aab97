import { RustyError } from '../errors/index.ts';
import { type Limits, PHASE } from '../limits/index.ts';
import { type AddressRule, AddressRules } from './address-rules.ts';

/** What a door speaks. */
export type DoorProtocol = 'http' | 'postgresql';

/** What every thread judges new connections by. */
export interface DoorRules {
  readonly addresses: readonly AddressRule[];
  /** Doors that take no new connections. */
  readonly closed: readonly DoorProtocol[];
}

export const OPEN_DOORS: DoorRules = { addresses: [], closed: [] };

/**
 * Judges connections as they are accepted, before a byte of them is read; connections that are open
 * stay so. Each thread has one, and all have the same rules.
 */
export class DoorPolicy {
  readonly #limits: Pick<Limits, 'client'> | undefined;
  #rules: DoorRules;
  #addresses: AddressRules;
  /** Connections that were refused. */
  #refused = 0;

  /** `limits` hold the rate of connections, where there is one. */
  constructor(rules: DoorRules = OPEN_DOORS, limits?: Pick<Limits, 'client'>) {
    this.#rules = rules;
    this.#limits = limits;
    this.#addresses = new AddressRules(rules.addresses);
  }

  get rules(): DoorRules {
    return this.#rules;
  }

  /** On this thread. */
  get refused(): number {
    return this.#refused;
  }

  replace(rules: DoorRules): void {
    this.#rules = rules;
    this.#addresses = new AddressRules(rules.addresses);
  }

  /** Why a connection is not taken; a Unix socket has no address, and is on no list. */
  refusal(protocol: DoorProtocol, address: string | undefined): RustyError | undefined {
    const { closed } = this.#rules;
    const isOpen = closed.length === 0 && this.#addresses.isEmpty;
    if (isOpen && this.#limits === undefined) return undefined;
    const refusal = this.#judge(protocol, address) ?? this.#holdRate(protocol, address);
    if (refusal !== undefined) this.#refused += 1;
    return refusal;
  }

  #holdRate(route: DoorProtocol, address: string | undefined): RustyError | undefined {
    if (address === undefined || this.#limits === undefined) return undefined;
    const client = this.#limits.client({
      protocol: 'connect',
      method: '',
      route,
      address,
      user: '',
      isProved: false,
      database: '',
      application: '',
    });
    const { retryAfterMs } = client.check(PHASE.early) ?? { retryAfterMs: 0 };
    if (retryAfterMs === 0) return undefined;
    return RustyError.of('RATE_LIMIT_EXCEEDED', { retryAfterMs }, { retryAfterMs });
  }

  #judge(protocol: DoorProtocol, address: string | undefined): RustyError | undefined {
    if (this.#rules.closed.includes(protocol)) {
      return RustyError.ofSqlstate(
        '57P03',
        'the database system is not accepting connections by this protocol',
      );
    }
    if (address === undefined || this.#addresses.admits(address)) return undefined;
    // As PostgreSQL's rules of hosts refuse.
    return RustyError.of(
      'AUTHORIZATION_FAILED',
      { what: `address ${address}` },
      { sqlstate: '28000' },
    );
  }
}
