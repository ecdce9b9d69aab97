import type { Config } from '../config/index.ts';
import type { Driver } from '../engine/index.ts';
import { SessionPool } from '../pool/index.ts';
import type { Clock } from '../util/clock.ts';
import type { HttpCounts } from './http-counts.ts';

export interface HttpPoolOptions {
  readonly driver: Driver;
  readonly clock: Clock;
  readonly config: Pick<Config, 'pool'>;
  readonly counts: HttpCounts;
  /** See `SharedSessions`. */
  readonly onWait: () => void;
  readonly onGiveUp: () => void;
}

/** The sessions of the HTTP door on one of its threads. */
export function httpPool(options: HttpPoolOptions): SessionPool {
  const { driver, clock, config, counts, onWait, onGiveUp } = options;
  const { sessions, idleSessions: idle, waiting } = counts;
  return new SessionPool({
    driver,
    clock,
    user: 'rustydb',
    database: 'rustydb',
    clientAddress: 'http',
    maxSize: config.pool.maxSize,
    acquireTimeoutMs: config.pool.acquireTimeoutMs,
    shared: { sessions, idle, waiting, onWait, onGiveUp },
  });
}
