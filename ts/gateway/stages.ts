// The stages that every request passes, in this order. Plain functions over the context: each
// returns, or throws the RustyError that the client gets. A stage that has nothing to decide yet
// says so; it stands in its place so that what comes to decide there passes every protocol.
import { RustyError } from '../errors/index.ts';
import { PHASE, type Phase, type RateDecision } from '../limits/index.ts';
import type { RequestContext } from './request-context.ts';

export type Stage = (context: RequestContext) => void;

/** Who does the client say it is? A name of the engine's length. */
export const identify: Stage = (context) => {
  if (Buffer.byteLength(context.claimedUser) > 63) {
    throw RustyError.ofSqlstate('28000', 'the user name is longer than 63 bytes');
  }
};

/** Is it so? Local clients are trusted; no other can be until there are passwords. */
export const authenticate: Stage = (context) => {
  if (!context.isLocal) {
    throw RustyError.ofSqlstate('28000', 'only local connections are trusted');
  }
  context.principal = { user: context.claimedUser, method: 'trust' };
};

/** Whether there is less left of one than of the other, by their limits. */
function isCloser(one: RateDecision, other: RateDecision | undefined): boolean {
  return other === undefined || one.remaining * other.limit < other.remaining * one.limit;
}

/** Takes what the request costs of the client's rates; RATE_LIMIT_EXCEEDED where it must wait. */
function holdRate(context: RequestContext, phase: Phase): void {
  const { limited } = context;
  const decision = limited?.check(phase);
  if (limited === undefined || decision === undefined) return;
  const { limit, retryAfterMs } = decision;
  const isRefused = retryAfterMs > 0;
  if (isRefused || isCloser(decision, context.rate)) context.rate = decision;
  if (!isRefused) return;
  throw RustyError.of(
    'RATE_LIMIT_EXCEEDED',
    { retryAfterMs },
    { retryAfterMs, details: { of: limited.lastName(), limit } },
  );
}

/** Rates that need not know who the client is, before a proof of that costs anything. */
export const limitAddress: Stage = (context) => holdRate(context, PHASE.early);

/** Rates and quotas of whom the client is. The PostgreSQL door asks once a statement, in the engine. */
export const limitRate: Stage = (context) => holdRate(context, PHASE.late);

/**
 * What is filtered by who asks: nothing yet. Connections are judged as they are accepted
 * (`door-policy.ts`), heads of HTTP before anything else of a request is looked at
 * (`http-filters.ts`), values where statements are made of them (`injection-filter.ts`).
 */
export const filter: Stage = () => undefined;

/** What a principal may do is decided in the engine; at the door it must be one. */
export const authorize: Stage = (context) => {
  if (context.principal === undefined) {
    throw RustyError.ofSqlstate('28000', 'the client was not authenticated');
  }
};

export const STAGES: readonly Stage[] = [
  identify,
  limitAddress,
  authenticate,
  limitRate,
  filter,
  authorize,
];

/** Runs the stages; answers who the request runs as. */
export function admit(context: RequestContext, stages: readonly Stage[] = STAGES): string {
  for (const stage of stages) stage(context);
  if (context.principal === undefined) {
    throw RustyError.of('INTERNAL_ERROR', {}, { cause: 'no stage named a principal' });
  }
  return context.principal.user;
}
