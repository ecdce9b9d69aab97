import { BOOLEAN, type Key } from '../key.ts';

export const gatewayKeys: readonly Key[] = [
  {
    name: 'gateway.enable_rate_limiting',
    type: BOOLEAN,
    default: true,
    live: true,
    what: 'Whether rates and quotas are held to: those of the configuration and those that were made at run time.',
  },
];
