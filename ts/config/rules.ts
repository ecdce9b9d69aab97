import { isIP } from 'node:net';
import type { Config } from './config.ts';

/** A contradiction between keys, or a value that this version cannot honour. */
export interface Rule {
  /** The keys it concerns; the first is the one to blame. */
  readonly keys: readonly [string, ...string[]];
  readonly holds: (config: Config) => boolean;
  /** What is allowed, as the end of the line that stops the start. */
  readonly allowed: string;
}

/** True for an address that only this machine reaches. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^(::ffff:)?127\./i.test(address);
}

const rangesOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

function isRange(text: string): boolean {
  const [address = '', prefix = '0'] = text.split('/');
  return Number(prefix) <= { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
}

export const RULES: readonly Rule[] = [
  {
    keys: ['pool.min_size', 'pool.max_size'],
    holds: ({ pool }) => pool.minSize <= pool.maxSize,
    allowed: 'at most pool.max_size',
  },
  {
    keys: ['pool.initial_size', 'pool.max_size'],
    holds: ({ pool }) => pool.initialSize <= pool.maxSize,
    allowed: 'at most pool.max_size',
  },
  {
    keys: ['api.default_page_size', 'api.max_page_size'],
    holds: ({ api }) => api.defaultPageSize <= api.maxPageSize,
    allowed: 'at most api.max_page_size',
  },
  {
    keys: ['api.cors_credentials', 'api.cors_origins'],
    holds: ({ api }) => !api.corsCredentials || api.corsOrigins !== '*',
    allowed: 'false where api.cors_origins is *',
  },
  ...(['allow', 'deny'] as const).map(
    (action): Rule => ({
      keys: [`network.${action}_addresses`],
      holds: ({ network }) => rangesOf(network[`${action}Addresses`]).every(isRange),
      allowed: 'addresses, or ranges whose prefix is no longer than an address',
    }),
  ),
  {
    keys: ['network.listen_addr'],
    holds: ({ network }) => isLoopback(network.listenAddr),
    allowed: 'a loopback address, because this version has no authentication',
  },
  {
    keys: ['monitoring.metrics_addr'],
    holds: ({ monitoring }) => isLoopback(monitoring.metricsAddr),
    allowed: 'a loopback address, because this version has no authentication',
  },
  {
    keys: ['security.require_auth'],
    holds: ({ security }) => !security.requireAuth,
    allowed: 'false, because this version has no authentication',
  },
  {
    keys: ['data.engine'],
    holds: ({ data }) => data.engine === 'embedded',
    allowed: 'embedded, because this version has no other engine',
  },
];
