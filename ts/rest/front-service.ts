// What answers on the lane of a front thread: sessions of its own in slots of the one pool, and
// counts that the main thread adds to its own.
import { randomUUID } from 'node:crypto';
import { EmbeddedDriver } from '../engine/index.ts';
import type { FrontThreadData } from '../fronts/index.ts';
import { Cors } from '../gateway/index.ts';
import { duplicateDescriptor } from '../host/duplicate-descriptor.ts';
import { Limits } from '../limits/index.ts';
import { ErrorCounts } from '../monitoring/error-counts.ts';
import type { Logger } from '../monitoring/index.ts';
import { RequestCounts } from '../monitoring/request-counts.ts';
import { StatementDurations } from '../monitoring/statement-durations.ts';
import type { Tracing } from '../monitoring/tracing.ts';
import { Engine } from '../native/index.ts';
import type { SessionPool } from '../pool/index.ts';
import { StatementStats } from '../services/monitoring/statement-stats.ts';
import { QueryService } from '../services/query-service.ts';
import type { Clock } from '../util/clock.ts';
import { failWith } from './failure.ts';
import type { HttpCounts, HttpMemory } from './http-counts.ts';
import { httpPool } from './http-pool.ts';
import { ExpressLane } from './lane/express-lane.ts';
import type { RestAudit } from './rest-audit.ts';
import { QUERY_ENDPOINT, ShortQuery } from './short-query.ts';

export interface FrontServiceOptions {
  readonly data: FrontThreadData;
  readonly counts: HttpCounts;
  readonly audit: RestAudit;
  /** See `StatementStats`. */
  readonly slowMs: number;
  readonly log: Logger;
  readonly clock: Clock;
  /** Undefined where tracing is off. */
  readonly tracing: Tracing | undefined;
}

export interface FrontService {
  readonly lane: ExpressLane;
  readonly pool: SessionPool;
  readonly queries: QueryService;
  readonly stats: StatementStats;
  /** See `duplicateDescriptor`. */
  readonly duplicate: (descriptor: number) => number;
  /** Lets go of the engine. */
  close(): void;
}

export function frontService({
  data,
  counts,
  audit,
  slowMs,
  log,
  clock,
  tracing,
}: FrontServiceOptions): FrontService {
  const { thread, api, network } = data;
  const memory = data.memory as HttpMemory;
  const engine = Engine.shared(data.engineHandle);
  const driver = new EmbeddedDriver({ engine, clock });
  const pool = httpPool(driver, data.engineHandle);
  const durations = StatementDurations.of(memory.statements, thread);
  const stats = new StatementStats({ durations, log, slowMs });
  const queries = new QueryService({
    pool,
    clock,
    newId: randomUUID,
    maxActive: api.maxActiveQueries,
    observer: stats,
  });
  const requests = RequestCounts.of(memory.requests, thread);
  const short = new ShortQuery({
    queries,
    limits: new Limits(engine),
    counts: new RequestCounts('POST', QUERY_ENDPOINT, requests),
    fail: failWith(log, ErrorCounts.of(memory.errors, thread), audit.record),
    audit,
    tracing,
    clock,
    maxBodyBytes: api.maxBodySizeBytes,
    cors: new Cors(api),
    // The schemas are large, and most bodies need none.
    bodyOf: async (body) => (await import('./routes/query.ts')).queryBodyOf(body),
  });
  const lane = new ExpressLane({
    clock,
    thread,
    patience: { ...api, isPressed: () => pool.statistics.waiting > 0 },
    maxConnections: network.maxConnections,
    answer: short.answer,
    count: counts.lane,
    inWork: counts.inWork,
  });
  return {
    lane,
    pool,
    queries,
    stats,
    duplicate: duplicateDescriptor,
    close() {
      void tracing?.close();
      pool.close();
      driver.close();
    },
  };
}
