import type { Key } from './key.ts';
import { apiKeys } from './keys/api.ts';
import { auditKeys } from './keys/audit.ts';
import { addressListKeys, apiClientKeys } from './keys/clients.ts';
import { dataKeys } from './keys/data.ts';
import { gatewayKeys } from './keys/gateway.ts';
import { limitsKeys } from './keys/limits.ts';
import { monitoringKeys } from './keys/monitoring.ts';
import { networkKeys } from './keys/network.ts';
import { poolKeys } from './keys/pool.ts';
import { securityKeys } from './keys/security.ts';
import { sessionKeys } from './keys/session.ts';
import { sqlKeys } from './keys/sql.ts';

/** Every configuration key of this version, in the order of the manual. */
export const SCHEMA: readonly Key[] = [
  ...dataKeys,
  ...networkKeys,
  ...addressListKeys,
  ...apiKeys,
  ...apiClientKeys,
  ...poolKeys,
  ...sessionKeys,
  ...sqlKeys,
  ...gatewayKeys,
  ...limitsKeys,
  ...securityKeys,
  ...monitoringKeys,
  ...auditKeys,
];

/** `RUSTYDB_<SECTION>_<KEY>`. */
export function environmentName(key: Key): string {
  return `RUSTYDB_${key.name.toUpperCase().replaceAll('.', '_')}`;
}

/** Every environment variable that sets the key, the short one first where there is one. */
export function environmentNames(key: Key): readonly string[] {
  const long = environmentName(key);
  return key.environment === undefined ? [long] : [key.environment, long];
}

/**
 * The key that a name of the file or of a flag stands for, `inSeconds` where it was written as
 * `<key>_secs`, a number of seconds.
 */
export function findKey(name: string): { key: Key; inSeconds: boolean } | undefined {
  const named = (wanted: string) =>
    SCHEMA.find((key) => key.name === wanted || key.aliases?.includes(wanted));
  const exact = named(name);
  if (exact !== undefined) return { key: exact, inSeconds: false };
  if (!name.endsWith('_secs')) return undefined;
  const key = named(name.slice(0, -'_secs'.length));
  return key?.type.kind === 'duration' ? { key, inSeconds: true } : undefined;
}

const UNIT_SUFFIX = { duration: 'Ms', size: 'Bytes' } as const;

/** The name of a key in the object `Config`: camel case with the unit last. */
export function fieldName(key: Key): string {
  const last = key.name.slice(key.name.lastIndexOf('.') + 1);
  const camel = last.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const { kind } = key.type;
  if (kind !== 'duration' && kind !== 'size') return camel;
  const bare = camel.replace(/(Secs|Ms|Bytes)$/, '');
  return `${bare}${UNIT_SUFFIX[kind]}`;
}

/** The section of a key: the name of its object in `Config`, `undefined` at the top. */
export function sectionName(key: Key): string | undefined {
  return key.name.includes('.') ? key.name.slice(0, key.name.indexOf('.')) : undefined;
}
