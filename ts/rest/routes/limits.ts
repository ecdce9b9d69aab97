// `/gateway/ratelimits` and `/gateway/quotas`: how much whom.
import { z } from 'zod';
import type { Limits, Quota, RateLimit, RateLimitInForce } from '../../limits/index.ts';
import { definitionRoutes } from '../definition-routes.ts';
import type { PageSizes } from '../page.ts';
import type { Route } from '../route.ts';

const GROUP = 'Gateway';
/** The ranges are those of the native side, which checks them too. */
const UNITS_MAX = 2 ** 40;
const WINDOW_SECS_MAX = 366 * 24 * 3600;

const units = z.int().min(1).max(UNITS_MAX);

const id = z.string().meta({ description: '1 to 64 letters, digits, `-`, `_` and `.`' });

const key = z.string().meta({
  description:
    'Whose allowances are told apart: attributes with `+` between them, of `client`, `user`, ' +
    '`api_key`, `address` (or `address/24`, `address/24/56`), `route`, `method`, `protocol`, ' +
    '`tenant`, `database`, `application`, `claim.NAME`, `global`',
});

const cost = z
  .union([units, z.literal('bytes')])
  .optional()
  .meta({
    description: 'Units that a request costs, 1 unless it says; or `bytes`, those of its answer',
  });

const match = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .optional()
  .meta({
    description:
      'Patterns by attribute, in which `*` stands for any characters; addresses have networks. ' +
      'Only what fits all of them is limited; of a list one must fit',
  });

const rateLimit = z.strictObject({
  id,
  key,
  algorithm: z.enum(['token_bucket', 'leaky_bucket', 'fixed_window', 'sliding_window', 'adaptive']),
  requests: units.meta({ description: 'Units a window' }),
  windowSecs: z.int().min(1).max(WINDOW_SECS_MAX),
  burst: units.optional().meta({ description: 'What a bucket holds; windows have none' }),
  cost,
  match,
});

const quota = z.strictObject({
  id,
  key,
  period: z.enum(['day', 'month']).meta({ description: 'Of UTC' }),
  limit: units,
  cost,
  match,
});

const source = z
  .enum(['configuration', 'rules'])
  .meta({ description: 'What follows from the configuration cannot be changed here' });

const RATE_LIMIT: RateLimit = {
  id: 'writers',
  key: 'user + address',
  algorithm: 'token_bucket',
  requests: 50,
  windowSecs: 1,
  burst: 100,
  match: { route: '/tables/*', method: ['POST', 'PATCH', 'DELETE'] },
};

const QUOTA: Quota = { id: 'daily', key: 'user', period: 'day', limit: 1_000_000 };

/** Rates and quotas as they are in force, and the ways to change them. */
export function limitRoutes(limits: Limits, pages: PageSizes): readonly Route[] {
  return [
    ...definitionRoutes<RateLimit, RateLimitInForce>({
      group: GROUP,
      path: '/gateway/ratelimits',
      one: 'RateLimit',
      many: 'RateLimits',
      noun: 'rate limit',
      nouns: 'rate limits',
      permission: 'rate-limits',
      written: rateLimit,
      shown: rateLimit.extend({ source }),
      example: RATE_LIMIT,
      pages,
      list: () => limits.inForce().rules,
      create: (definition) => limits.createRule(definition),
      replace: (definition) => limits.replaceRule(definition),
      drop: (dropped) => limits.dropRule(dropped),
    }),
    ...definitionRoutes<Quota, Quota>({
      group: GROUP,
      path: '/gateway/quotas',
      one: 'Quota',
      many: 'Quotas',
      noun: 'quota',
      nouns: 'quotas',
      permission: 'quotas',
      written: quota,
      shown: quota,
      example: QUOTA,
      pages,
      without: 'get',
      list: () => limits.inForce().quotas,
      create: (definition) => limits.createQuota(definition),
      replace: (definition) => limits.replaceQuota(definition),
      drop: (dropped) => limits.dropQuota(dropped),
    }),
  ];
}
