// One record of the audit log and its place in the chain.
//
// A record is one line of JSON: its members in the order of their names, no white space, `previous`
// (the hash of the record before) among them, then `hash`: SHA-256 over all bytes before it, closed by
// a brace. So a line proves its own bytes, and its place behind the one before.
import { hash } from 'node:crypto';

/** What an event is about. */
export const AUDIT_TYPES = [
  'administration',
  'audit',
  'authentication',
  'authorization',
  'rate_limit',
  'request',
  'request_blocked',
  'server',
  'suspicious',
] as const;

export type AuditType = (typeof AUDIT_TYPES)[number];

/** What happened, as who saw it says. */
export interface AuditEvent {
  readonly type: AuditType;
  /** What was done or tried: `config_change`, `connect`. */
  readonly action: string;
  readonly result: 'success' | 'failure';
  readonly user?: string;
  readonly clientIp?: string;
  readonly requestId?: string;
  /** What it was done to: a path, a key, an id. */
  readonly resource?: string;
  /** Whatever else is worth knowing; no secrets. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** An event in the chain. */
export interface AuditRecord extends AuditEvent {
  /** From 1, without a gap. */
  readonly seq: number;
  /** When it was seen: ISO 8601 in UTC. */
  readonly timestamp: string;
  /** The position of the database's log at that moment, where the engine says it. */
  readonly position?: string;
  readonly previous: string;
  readonly hash: string;
}

/** The place of the next record. */
export interface ChainEnd {
  /** Of the last record; 0 before the first. */
  readonly seq: number;
  readonly hash: string;
}

/** Before the first record. */
export const CHAIN_START: ChainEnd = { seq: 0, hash: '0'.repeat(64) };

/** Longer records lose their metadata. */
const RECORD_MAX_BYTES = 16 * 1024;
/** Longer texts of clients are cut. */
const TEXT_MAX_CHARACTERS = 1000;
const HASH_PATTERN = /,"hash":"([0-9a-f]{64})"\}$/;

/** JSON with the members of objects in the order of their names, and no white space. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex');

const cut = (text: string | undefined): string | undefined => text?.slice(0, TEXT_MAX_CHARACTERS);

/** A record as a line, without its line feed, and the end of the chain behind it. */
export function sealRecord(
  event: AuditEvent,
  after: ChainEnd,
  at: { readonly timestamp: string; readonly position: string | undefined },
): { readonly line: string; readonly end: ChainEnd } {
  const { type, action, result, user, clientIp, requestId, resource, metadata } = event;
  const seq = after.seq + 1;
  const about = {
    ...{ type, action, result, requestId, ...at },
    ...{ user: cut(user), clientIp: cut(clientIp), resource: cut(resource) },
  };
  const chain = { seq, previous: after.hash };
  let open = canonicalJson({ ...about, ...chain, metadata });
  if (Buffer.byteLength(open) > RECORD_MAX_BYTES) {
    open = canonicalJson({ ...about, ...chain, metadata: { tooLong: open.length } });
  }
  const own = sha256(open);
  return { line: `${open.slice(0, -1)},"hash":"${own}"}`, end: { seq, hash: own } };
}

/** The record of a line that is one, and whose bytes have its hash. */
export function openRecord(line: string): AuditRecord | undefined {
  const found = HASH_PATTERN.exec(line);
  if (found === null || sha256(`${line.slice(0, found.index)}}`) !== found[1]) return undefined;
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}
