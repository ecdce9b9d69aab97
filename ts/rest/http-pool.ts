import type { Driver } from '../engine/index.ts';
import { SessionPool } from '../pool/index.ts';

/** The sessions of the HTTP door on one of its threads. */
export function httpPool(driver: Driver, engineHandle: number): SessionPool {
  const user = 'rustydb';
  return new SessionPool({ driver, engineHandle, user, database: user, clientAddress: 'http' });
}
