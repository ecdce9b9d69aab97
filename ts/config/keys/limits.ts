import { integer, type Key } from '../key.ts';

export const limitsKeys: readonly Key[] = [
  {
    name: 'limits.max_clients',
    type: integer(1000, 10_000_000),
    default: 1_000_000,
    what: 'Clients whose rates are known at one time.',
    raise: 'about a hundred bytes each',
    lower: 'clients that paused are forgotten earlier',
    waitsFor: 'the rate limiter',
  },
];
