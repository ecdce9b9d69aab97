import type { Metrics } from '../monitoring/metrics.ts';
import type { BreakerState } from '../util/circuit-breaker.ts';
import type { CircuitBreakers } from '../util/circuit-breakers.ts';

const NUMBERS: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** The state of each circuit breaker, and what its calls came to. */
export function addBreakerMetrics(metrics: Metrics, breakers: CircuitBreakers): void {
  const state = {
    name: 'rustydb_circuit_breaker_state',
    help: 'State of a circuit breaker: 0 closed, 1 half-open, 2 open',
    type: 'gauge',
  } as const;
  metrics.addValues(state, () =>
    breakers.list().map((one) => ({ labels: { name: one.name }, value: NUMBERS[one.state] })),
  );
  const calls = {
    name: 'rustydb_circuit_breaker_calls_total',
    help: 'Calls of a circuit breaker by what they came to',
    type: 'counter',
  } as const;
  metrics.addValues(calls, () =>
    breakers.list().flatMap((one) =>
      Object.entries(one.report().calls).map(([result, value]) => ({
        labels: { name: one.name, result },
        value,
      })),
    ),
  );
  metrics.addFill(() => breakers.fill());
}
