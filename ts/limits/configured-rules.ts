import type { Config } from '../config/index.ts';
import type { RateLimit } from './limits.ts';

/** The rules that follow from the configuration; a rate of 0 is none. */
export function configuredRules({ api, network }: Pick<Config, 'api' | 'network'>): RateLimit[] {
  const rules: RateLimit[] = [];
  if (network.rateLimitRps > 0) {
    rules.push({
      id: 'network',
      key: 'address',
      algorithm: 'token_bucket',
      requests: network.rateLimitRps,
      windowSecs: 1,
    });
  }
  if (network.connectionRate > 0) {
    rules.push({
      id: 'connections',
      key: 'address',
      algorithm: 'token_bucket',
      requests: network.connectionRate,
      windowSecs: 1,
      match: { protocol: 'connect' },
    });
  }
  if (api.rateLimitRps > 0) {
    rules.push({
      id: 'api',
      key: 'client',
      algorithm: 'token_bucket',
      requests: api.rateLimitRps,
      windowSecs: 1,
      ...(api.rateLimitBurst > 0 ? { burst: api.rateLimitBurst } : {}),
      match: { protocol: 'rest' },
    });
  }
  return rules;
}
