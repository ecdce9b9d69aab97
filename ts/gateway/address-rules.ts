// Lists of addresses that are let in or kept out: of the rules that match the longest prefix decides,
// and of two alike the one that keeps out. Where a range is allowed that lies in no denied one, the
// list is one of who may come: whom nothing matches is kept out.
import { isIPv4, isIPv6 } from 'node:net';

export type AddressAction = 'allow' | 'deny';

/** One entry of the lists. */
export interface AddressRule {
  readonly id: string;
  /** In its shortest form: `10.0.0.0/8`, `2001:db8::/32`. */
  readonly addresses: string;
  readonly action: AddressAction;
  readonly note: string;
  /** What the configuration says cannot be taken away while the server runs. */
  readonly source: 'configuration' | 'api';
  readonly createdAt: string;
}

/** Addresses that have a prefix in common. */
export interface AddressRange {
  readonly bits: 32 | 128;
  readonly prefix: number;
  /** The address without what the prefix leaves open. */
  readonly network: bigint;
}

const v4Number = (text: string): bigint =>
  text.split('.').reduce((number, part) => number * 256n + BigInt(part), 0n);

function v6Number(text: string): bigint {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let hex = text;
  if (embedded !== null) {
    const number = v4Number(embedded[2] ?? '');
    hex = `${embedded[1]}${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  }
  const [before = '', after] = hex.split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const first = groupsOf(before);
  const last = groupsOf(after ?? '');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].reduce(
    (number, group) => number * 65536n + BigInt(`0x${group}`),
    0n,
  );
}

/** An address by its number; one of IPv4 that came over IPv6 is one of IPv4. */
function addressOf(text: string): { readonly bits: 32 | 128; readonly number: bigint } | undefined {
  const bare = text.replace(/%.*$/, '');
  if (isIPv4(bare)) return { bits: 32, number: v4Number(bare) };
  if (!isIPv6(bare)) return undefined;
  const number = v6Number(bare);
  if (number >> 32n === 0xffffn) return { bits: 32, number: number & 0xffffffffn };
  return { bits: 128, number };
}

const networkOf = (number: bigint, bits: number, prefix: number): bigint =>
  (number >> BigInt(bits - prefix)) << BigInt(bits - prefix);

/**
 * What an address, or one with the length of a prefix behind it, stands for; undefined where it is
 * neither. Bits behind the prefix are no fault: `10.1.2.3/8` is `10.0.0.0/8`.
 */
export function rangeOf(text: string): AddressRange | undefined {
  const [, address = '', length] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  const known = addressOf(address);
  if (known === undefined) return undefined;
  const isMapped = known.bits === 32 && isIPv6(address);
  const prefix = length === undefined ? known.bits : Number(length) - (isMapped ? 96 : 0);
  if (prefix < 0 || prefix > known.bits) return undefined;
  const { bits, number } = known;
  return { bits, prefix, network: networkOf(number, bits, prefix) };
}

/** As people write it. */
export function rangeText({ bits, prefix, network }: AddressRange): string {
  if (bits === 32) {
    const parts = [24n, 16n, 8n, 0n].map((shift) => (network >> shift) & 255n);
    return `${parts.join('.')}/${prefix}`;
  }
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((network >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  ).join(':');
  // URL writes the shortest form of RFC 5952.
  return `${new URL(`http://[${groups}]`).hostname.slice(1, -1)}/${prefix}`;
}

const contains = (outer: AddressRange, { bits, prefix, network }: AddressRange): boolean =>
  outer.bits === bits &&
  outer.prefix <= prefix &&
  networkOf(network, bits, outer.prefix) === outer.network;

interface Entry {
  readonly range: AddressRange;
  readonly action: AddressAction;
}

/** Rules, ready to be asked. */
export class AddressRules {
  /** The longest prefix first, and what keeps out before what lets in. */
  readonly #entries: readonly Entry[];
  /** Whether an address that nothing matches is let in. */
  readonly #isOpen: boolean;

  constructor(rules: readonly Pick<AddressRule, 'addresses' | 'action'>[]) {
    this.#entries = rules
      .flatMap(({ addresses, action }) => {
        const range = rangeOf(addresses);
        return range === undefined ? [] : [{ range, action }];
      })
      .toSorted(
        (one, other) =>
          other.range.prefix - one.range.prefix ||
          Number(one.action === 'allow') - Number(other.action === 'allow'),
      );
    // A range that is allowed within a denied one is an exception; any other says who may come.
    this.#isOpen = this.#entries.every(
      ({ action, range }) =>
        action === 'deny' ||
        this.#entries.some((other) => other.action === 'deny' && contains(other.range, range)),
    );
  }

  /** Whether there is nothing to ask. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether a client of this address is let in. */
  admits(address: string): boolean {
    if (this.isEmpty) return true;
    const known = addressOf(address);
    if (known === undefined) return false;
    const { bits, number } = known;
    const found = this.#entries.find(
      ({ range }) => range.bits === bits && networkOf(number, bits, range.prefix) === range.network,
    );
    return found === undefined ? this.#isOpen : found.action === 'allow';
  }
}
