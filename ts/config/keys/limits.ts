import { integer, type Key } from '../key.ts';

export const limitsKeys: readonly Key[] = [
  {
    name: 'limits.max_clients',
    type: integer(1, 100_000_000),
    default: 1_000_000,
    what: 'Clients whose use of rates is known at one time. One whose allowance is whole again makes room; those for whom there is none share one allowance a rule.',
    raise: 'about 70 bytes each, while they are there',
    lower: 'a crowd of new clients shares one allowance earlier',
  },
];
