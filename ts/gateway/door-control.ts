import { RustyError } from '../errors/index.ts';
import type { Clock } from '../util/clock.ts';
import {
  type AddressAction,
  type AddressRule,
  AddressRules,
  rangeOf,
  rangeText,
} from './address-rules.ts';
import type { DoorPolicy, DoorProtocol, DoorRules } from './door-policy.ts';

/** Each is looked at for every connection. */
const RULES_MAX = 1000;

export interface DoorControlOptions {
  /** Of the main thread. */
  readonly policy: DoorPolicy;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Gives all other threads the rules. */
  readonly tell: (rules: DoorRules) => void;
}

/** What a rule is made of. */
export interface NewAddressRule {
  readonly addresses: string;
  readonly action: AddressAction;
  readonly note?: string | undefined;
}

/** Ranges that the configuration names, with commas between them. */
function configured(text: string, action: AddressAction, createdAt: string): AddressRule[] {
  return text
    .split(',')
    .map((addresses) => addresses.trim())
    .filter((addresses) => addresses !== '')
    .map((addresses) => ({
      id: `${action}-${addresses.replaceAll('/', '-')}`,
      addresses,
      action,
      note: '',
      source: 'configuration',
      createdAt,
    }));
}

/** The rules that a server starts with. */
export function doorRulesOf(
  { allowAddresses, denyAddresses }: { allowAddresses: string; denyAddresses: string },
  clock: Clock,
): DoorRules {
  const createdAt = new Date(clock.wallMs()).toISOString();
  const allowed = configured(allowAddresses, 'allow', createdAt);
  return { addresses: [...allowed, ...configured(denyAddresses, 'deny', createdAt)], closed: [] };
}

/** Changes what all threads judge new connections by, while the server runs. */
export class DoorControl {
  readonly #options: DoorControlOptions;

  constructor(options: DoorControlOptions) {
    this.#options = options;
  }

  get addresses(): readonly AddressRule[] {
    return this.#options.policy.rules.addresses;
  }

  isClosed(protocol: DoorProtocol): boolean {
    return this.#options.policy.rules.closed.includes(protocol);
  }

  /** One of the rules. NOT_FOUND where there is none of this id. */
  find(id: string): AddressRule {
    const found = this.addresses.find((rule) => rule.id === id);
    if (found === undefined) throw RustyError.of('NOT_FOUND', { what: `filter ${id}` });
    return found;
  }

  /**
   * One rule more. VALIDATION_ERROR where `addresses` is no range or the rules would keep out who
   * asks, ALREADY_EXISTS where there is one for it.
   */
  add({ addresses, action, note = '' }: NewAddressRule, asker: string): AddressRule {
    const range = rangeOf(addresses);
    if (range === undefined) {
      const what = `body: addresses: "${addresses}" is no address or range, such as 10.0.0.0/8`;
      throw RustyError.of('VALIDATION_ERROR', { what });
    }
    const text = rangeText(range);
    if (this.addresses.some((rule) => rule.addresses === text && rule.action === action)) {
      throw RustyError.of('ALREADY_EXISTS', { what: `a filter to ${action} ${text}` });
    }
    if (this.addresses.length >= RULES_MAX) {
      throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'filters', limit: RULES_MAX });
    }
    const { clock, newId } = this.#options;
    const createdAt = new Date(clock.wallMs()).toISOString();
    const rule = { id: newId(), addresses: text, action, note, source: 'api', createdAt } as const;
    this.#replaceAddresses([...this.addresses, rule], asker);
    return rule;
  }

  /** Takes a rule away that `add` made. */
  remove(id: string, asker: string): void {
    const { source } = this.find(id);
    if (source === 'configuration') {
      const what = `the filter ${id} is the configuration's`;
      throw RustyError.of('PRECONDITION_FAILED', { what });
    }
    this.#replaceAddresses(
      this.addresses.filter((rule) => rule.id !== id),
      asker,
    );
  }

  /** Whether a door takes new connections. */
  setOpen(protocol: DoorProtocol, isOpen: boolean): void {
    const { rules } = this.#options.policy;
    const others = rules.closed.filter((one) => one !== protocol);
    this.#replace({ ...rules, closed: isOpen ? others : [...others, protocol] });
  }

  #replaceAddresses(addresses: readonly AddressRule[], asker: string): void {
    if (asker !== '' && !new AddressRules(addresses).admits(asker)) {
      throw RustyError.of(
        'VALIDATION_ERROR',
        { what: `the filters would keep out ${asker}` },
        { hint: 'That is your own address: make a filter first that allows it.' },
      );
    }
    this.#replace({ ...this.#options.policy.rules, addresses });
  }

  #replace(rules: DoorRules): void {
    this.#options.policy.replace(rules);
    this.#options.tell(rules);
  }
}
