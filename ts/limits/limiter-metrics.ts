import type { Metrics } from '../monitoring/metrics.ts';
import type { Limits } from './limits.ts';

/** What the limiter did, of all doors and threads. */
export function addLimiterMetrics(metrics: Metrics, limits: Limits): void {
  const limited = {
    name: 'rustydb_gateway_rate_limited_total',
    help: 'Requests and statements that a rate or a quota refused, by any door',
    type: 'counter',
  } as const;
  metrics.addValues(limited, () => [{ labels: {}, value: limits.inForce().statistics.denied }]);
  metrics.addFill(() => {
    const {
      clients: size,
      clientsPeak: peak,
      clientsMax: cap,
      overflows,
    } = limits.inForce().statistics;
    return { name: 'limited_clients', size, cap, peak, overflows };
  });
}
