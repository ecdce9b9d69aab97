import type { RustyError } from '../errors/index.ts';
import type { AuditEvent } from './audit-record.ts';

/** Refusals that are worth a record, by the code of their error. */
const EVENTS: Readonly<Record<string, Pick<AuditEvent, 'type' | 'action'>>> = {
  AUTHENTICATION_FAILED: { type: 'authentication', action: 'authenticate' },
  AUTHORIZATION_FAILED: { type: 'authorization', action: 'authorize' },
  RATE_LIMIT_EXCEEDED: { type: 'rate_limit', action: 'limit' },
};

/** Who was refused, and what. */
export type Refused = Pick<AuditEvent, 'user' | 'clientIp' | 'requestId' | 'resource'>;

/** What an error that a client gets says of security, or undefined where it says nothing. */
export function securityEvent(error: RustyError, refused: Refused): AuditEvent | undefined {
  const event = EVENTS[error.code];
  if (event === undefined) return undefined;
  const metadata = { code: error.code, sqlstate: error.sqlstate, message: error.message };
  return { ...event, result: 'failure', ...refused, metadata };
}
