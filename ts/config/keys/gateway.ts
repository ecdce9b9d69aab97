import { BOOLEAN, duration, type Key, SECOND_MS } from '../key.ts';

export const gatewayKeys: readonly Key[] = [
  {
    name: 'gateway.enable_rate_limiting',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Whether requests pass the rate limiter.',
    waitsFor: 'the rate limiter',
  },
  {
    name: 'gateway.enable_circuit_breaker',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Whether circuit breakers open; where not, every call is tried.',
    waitsFor: 'routes to other services',
  },
  {
    name: 'gateway.enable_load_balancing',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Whether calls are spread over the endpoints of a service; where not, the first is called.',
    waitsFor: 'routes to other services',
  },
  {
    name: 'gateway.health_check_interval',
    type: duration(SECOND_MS),
    default: '10s',
    live: true,
    what: 'How often the endpoints of services are asked for their health.',
    raise: 'fewer requests; failures are seen later',
    lower: 'failures are seen sooner',
    waitsFor: 'routes to other services',
  },
];
