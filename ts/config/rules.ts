import { isIP } from 'node:net';
import { RustyError } from '../errors/index.ts';
import type { Config } from './config.ts';
import { SCHEMA } from './schema.ts';
import { keyValue, shownValue } from './values.ts';

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

const RULES: readonly Rule[] = [
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
    keys: ['security.enable_tls'],
    holds: ({ security }) => !security.enableTls,
    allowed: 'false, because this version has no TLS',
  },
  {
    keys: ['monitoring.enable_tracing', 'monitoring.otlp_endpoint'],
    holds: ({ monitoring }) => !monitoring.enableTracing || monitoring.otlpEndpoint !== undefined,
    allowed: 'false, unless monitoring.otlp_endpoint says where spans go',
  },
  {
    keys: ['data.engine'],
    holds: ({ data }) => data.engine === 'embedded',
    allowed: 'embedded, because this version has no other engine',
  },
];

/** A key with its value in a message: as it is in the configuration, secrets masked. */
function shown(config: Config, name: string): string {
  const key = SCHEMA.find((one) => one.name === name);
  const value = key === undefined ? undefined : keyValue(config, key);
  if (key === undefined || value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : JSON.stringify(shownValue(key, value));
}

/**
 * Throws the first contradiction between keys, as a CONFIGURATION_ERROR that names key, value, what
 * is allowed and, from `setBy`, what set it.
 */
export function checkRules(config: Config, setBy: Readonly<Record<string, string>>): void {
  for (const { keys, holds, allowed } of RULES) {
    if (holds(config)) continue;
    const [blamed] = keys;
    const others = keys
      .slice(1)
      .map((name) =>
        setBy[name] === undefined ? `${name} by default` : `${name} = ${shown(config, name)}`,
      );
    const against = others.length > 0 ? ` (${others.join(', ')})` : '';
    const source = setBy[blamed];
    const value = source === undefined ? 'the default' : shown(config, blamed);
    const what = `${blamed} = ${value} (${source ?? 'default'}): allowed is ${allowed}${against}`;
    throw RustyError.of('CONFIGURATION_ERROR', { what });
  }
}
