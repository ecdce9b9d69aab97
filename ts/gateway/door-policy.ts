import { RustyError } from '../errors/index.ts';
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
  #rules: DoorRules;
  #addresses: AddressRules;
  /** Connections that were refused. */
  #refused = 0;

  constructor(rules: DoorRules = OPEN_DOORS) {
    this.#rules = rules;
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
    if (closed.length === 0 && this.#addresses.isEmpty) return undefined;
    const refusal = this.#judge(protocol, address);
    if (refusal !== undefined) this.#refused += 1;
    return refusal;
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
