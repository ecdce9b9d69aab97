import type { LimitedClient, RateDecision } from '../limits/index.ts';
import type { TraceSpan } from '../monitoring/tracing.ts';

/** The protocols a request may have come by. */
export type Protocol = 'postgresql' | 'rest';

/** What a request is allowed to be: the name it runs under in the engine. */
export interface Principal {
  readonly user: string;
  /** How it was proved. */
  readonly method: 'trust';
}

/**
 * What the stages of the gateway know of one request, whatever protocol it came by. An adapter
 * fills it; stages add what they found out; nothing here knows a wire format.
 */
export interface RequestContext {
  readonly protocol: Protocol;
  /** Unique within the process's life; in logs and errors. */
  readonly requestId: string;
  /** `address:port`, or `unix` for a local socket. */
  readonly clientAddress: string;
  /** True for loopback addresses and Unix sockets. */
  readonly isLocal: boolean;
  /** The user that the client says it is. */
  readonly claimedUser: string;
  readonly database: string;
  readonly application: string;
  /** Whom rates tell apart; a door whose rates are held elsewhere leaves it out. */
  readonly limited?: LimitedClient;
  principal?: Principal;
  /** The span of the request, where it is traced. */
  trace?: TraceSpan;
  /** What the client is told of its rates, where it has some. */
  rate?: RateDecision;
}
