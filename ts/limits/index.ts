// The one limiter, as the doors of a thread see it.
export { PHASE, type Phase } from '../native/index.ts';
export { configuredRules } from './configured-rules.ts';
export type { ClientAttributes, LimitedClient, RateDecision } from './limited-client.ts';
export { addLimiterMetrics } from './limiter-metrics.ts';
export {
  type LimiterStatistics,
  Limits,
  type LimitsInForce,
  type Quota,
  type RateLimit,
  type RateLimitInForce,
} from './limits.ts';
