import { BOOLEAN, type Key } from '../key.ts';

export const securityKeys: readonly Key[] = [
  {
    name: 'security.require_auth',
    type: BOOLEAN,
    default: false,
    environment: 'RUSTYDB_REQUIRE_AUTH',
    aliases: ['api.enable_auth'],
    what: 'Demands authentication on loopback too. This version has none and refuses to start with `true`.',
  },
];
