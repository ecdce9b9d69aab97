import { BOOLEAN, type Key, PATH } from '../key.ts';

export const securityKeys: readonly Key[] = [
  {
    name: 'security.require_auth',
    type: BOOLEAN,
    default: false,
    environment: 'RUSTYDB_REQUIRE_AUTH',
    aliases: ['api.enable_auth'],
    what: 'Demands authentication on loopback too. This version has none and refuses to start with `true`.',
  },
  {
    name: 'security.enable_tls',
    type: BOOLEAN,
    default: false,
    environment: 'RUSTYDB_ENABLE_TLS',
    what: 'Demands TLS on every port. This version has none and refuses to start with `true`.',
  },
  {
    name: 'security.tls_cert_path',
    type: PATH,
    default: undefined,
    environment: 'RUSTYDB_TLS_CERT',
    what: 'The file of the certificate chain, in PEM.',
    waitsFor: 'TLS',
  },
  {
    name: 'security.tls_key_path',
    type: PATH,
    default: undefined,
    environment: 'RUSTYDB_TLS_KEY',
    what: 'The file of the private key, in PEM.',
    waitsFor: 'TLS',
  },
  {
    name: 'security.tls_ca_path',
    type: PATH,
    default: undefined,
    what: 'The file of the authorities that sign the certificates of clients, in PEM.',
    waitsFor: 'TLS',
  },
  {
    name: 'security.min_tls_version',
    type: { kind: 'enum', values: ['1.2', '1.3'] },
    default: '1.3',
    what: 'The oldest version of TLS that is spoken.',
    waitsFor: 'TLS',
  },
];
