import type { Config } from '../config/index.ts';
import type { PoolOptions } from '../native/index.ts';

/** The settings of the pool. */
export function poolOptionsOf({ pool }: Pick<Config, 'pool'>): PoolOptions {
  return {
    minSize: pool.minSize,
    initialSize: pool.initialSize,
    maxSize: pool.maxSize,
    reserveSize: pool.reserveSize,
    reserveTimeoutMs: pool.reserveTimeoutMs,
    acquireTimeoutMs: pool.acquireTimeoutMs,
    maxLifetimeMs: pool.maxLifetimeMs,
    idleTimeoutMs: pool.idleTimeoutMs,
    maxWaitQueueSize: pool.maxWaitQueueSize,
    fairQueue: pool.fairQueue,
    priorityAgeingMs: pool.priorityAgeingMs,
    leakDetectionThresholdMs: pool.leakDetectionThresholdMs,
    leakReclaim: pool.leakReclaim,
    maintenanceIntervalMs: pool.maintenanceIntervalMs,
  };
}

/** Of a database that one program uses: as many slots as it may use, made when they are wanted. */
export function smallPoolOptions(maxSize: number): PoolOptions {
  return {
    minSize: 0,
    initialSize: 0,
    maxSize,
    reserveSize: 0,
    reserveTimeoutMs: 5_000,
    acquireTimeoutMs: 30_000,
    maxLifetimeMs: 0,
    idleTimeoutMs: 0,
    maxWaitQueueSize: 10_000,
    fairQueue: true,
    priorityAgeingMs: 1_000,
    leakDetectionThresholdMs: 0,
    leakReclaim: false,
    maintenanceIntervalMs: 30_000,
  };
}
