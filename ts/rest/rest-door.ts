// Puts the HTTP door together: services, routes, the document that describes them. Loaded when the
// server is ready, for what it needs takes longer to load than all the rest.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import compression from 'compression';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Config, ConfigStore } from '../config/index.ts';
import type { Driver } from '../engine/index.ts';
import {
  Cors,
  DoorControl,
  type DoorPolicy,
  type DoorRules,
  InjectionFilter,
} from '../gateway/index.ts';
import { addLimiterMetrics, type Limits } from '../limits/index.ts';
import { ErrorCounts } from '../monitoring/error-counts.ts';
import type { Logger } from '../monitoring/index.ts';
import { Metrics } from '../monitoring/metrics.ts';
import { RequestCounts } from '../monitoring/request-counts.ts';
import type { Tracing } from '../monitoring/tracing.ts';
import type { PoolControl } from '../native/index.ts';
import { poolOptionsOf, type SessionPool } from '../pool/index.ts';
import { BatchService } from '../services/batch-service.ts';
import { CatalogService } from '../services/catalog/catalog-service.ts';
import { RelationReader } from '../services/catalog/relation-reader.ts';
import { StatementRunner } from '../services/catalog/statement-runner.ts';
import { ExplainService } from '../services/explain-service.ts';
import { HealthService } from '../services/health-service.ts';
import { ImportService } from '../services/import-service.ts';
import { ImportJobs } from '../services/jobs/import-jobs.ts';
import type { JobRegistry } from '../services/jobs/job-registry.ts';
import { SpoolRoom } from '../services/jobs/upload-spool.ts';
import { PoolService, type PoolSettings } from '../services/pool-service.ts';
import { QueryService } from '../services/query-service.ts';
import { RowService } from '../services/rows/row-service.ts';
import { RowWriter } from '../services/rows/row-writer.ts';
import { TableService } from '../services/tables/table-service.ts';
import { CircuitBreakers } from '../util/circuit-breakers.ts';
import type { Clock } from '../util/clock.ts';
import { AllConnections, type ConnectionList } from './all-connections.ts';
import { AllQueries } from './all-queries.ts';
import { restApp } from './app.ts';
import { addBreakerMetrics } from './breaker-metrics.ts';
import { mountDocs } from './docs-pages.ts';
import { failWith } from './failure.ts';
import type { HttpCounts, HttpMemory } from './http-counts.ts';
import { ExpressLane } from './lane/express-lane.ts';
import type { LaneAnswer, LaneQuestion } from './lane/lane-messages.ts';
import type { Answering } from './lazy-http.ts';
import { Monitoring } from './monitoring.ts';
import { type NetworkReportOptions, networkReport, Protocols } from './network-report.ts';
import { openApi } from './openapi.ts';
import type { RestAudit } from './rest-audit.ts';
import { type Route, route } from './route.ts';
import { type AdminParts, adminRoutes } from './routes/admin.ts';
import { alertRoutes } from './routes/alerts.ts';
import { batchRoute } from './routes/batch.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { circuitBreakerRoutes } from './routes/circuit-breakers.ts';
import { filterRoutes } from './routes/filters.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { limitRoutes } from './routes/limits.ts';
import { metaRoutes, metricsRoute } from './routes/meta.ts';
import { monitoringRoutes } from './routes/monitoring.ts';
import { networkRoutes } from './routes/network.ts';
import { poolRoutes } from './routes/pools.ts';
import { queriesRoutes } from './routes/queries.ts';
import { queryBodyOf, queryRoutes } from './routes/query.ts';
import { rowRoutes } from './routes/rows.ts';
import { transferRoutes } from './routes/transfer.ts';
import { QUERY_ENDPOINT, ShortQuery } from './short-query.ts';

export interface RestDoorOptions {
  readonly config: Config;
  readonly admin: AdminParts;
  /** Undefined where tracing is off. */
  readonly tracing: Tracing | undefined;
  readonly audit: RestAudit;
  readonly driver: Driver;
  readonly pool: SessionPool;
  readonly poolControl: PoolControl;
  readonly limits: Limits;
  readonly jobs: JobRegistry;
  readonly log: Logger;
  readonly clock: Clock;
  readonly version: string;
  readonly counts: HttpCounts;
  readonly memory: HttpMemory;
  /** Threads that have lanes, with this one. */
  readonly threads: number;
  /** Asks the lanes of all others. */
  readonly askLanes: (question: LaneQuestion) => Promise<readonly LaneAnswer[]>;
  /** Judges new connections of this thread. */
  readonly policy: DoorPolicy;
  /** Gives all other threads what they judge by. */
  readonly tellRules: (rules: DoorRules) => void;
  /** The connections of this thread, by door. */
  readonly connections: readonly ConnectionList[];
  /** Those that were bound. */
  readonly ports: NetworkReportOptions['ports'];
}

const compressing = compression();

function openApiRoute(document: () => unknown): Route {
  return route({
    method: 'get',
    path: '/openapi.json',
    id: 'openapi',
    group: 'Configuration',
    summary: 'This document',
    permission: 'none',
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
    handle(_request, reply) {
      reply.json(document());
    },
  });
}

/** The engine empties its own folder when it opens. */
function spoolFolder({ data }: Config): string {
  return data.path === ':memory:' ? tmpdir() : join(resolve(data.path), 'tmp');
}

/** The routes about doors, connections and what protects them. */
function gatewayRoutes(options: RestDoorOptions, metrics: Metrics): readonly Route[] {
  const { config, clock, policy, tellRules, counts, ports, threads } = options;
  const pages = { defaultSize: config.api.defaultPageSize, maxSize: config.api.maxPageSize };
  const doors = new DoorControl({ policy, clock, newId: randomUUID, tell: tellRules });
  const connections = new AllConnections(options.connections, options.askLanes);
  const report = networkReport({ config, connections, counts, policy, ports, threads });
  const breakers = new CircuitBreakers({ clock, isEnabled: () => true });
  addBreakerMetrics(metrics, breakers);
  return [
    ...networkRoutes({ connections, report, protocols: new Protocols(doors), pages }),
    ...circuitBreakerRoutes(breakers, pages),
    ...filterRoutes(doors, pages),
  ];
}

/**
 * The settings of the pool are keys of the configuration, and kept as these are. What a flag sets is
 * changed until the server stops.
 */
function poolSettings(store: ConfigStore, control: PoolControl): PoolSettings {
  // Trusted connections are the superuser; there are no other users yet.
  const by = { by: 'rustydb', origin: 'request', source: 'PUT /pools' } as const;
  let settings = poolOptionsOf(store.config);
  store.subscribe((config) => {
    settings = poolOptionsOf(config);
  });
  return {
    current: () => settings,
    async change(pool) {
      const next = { ...settings, ...pool };
      await store.change({ pool }, by);
      control.configure(next);
      settings = next;
    },
  };
}

/** Every route of this version. */
export function restRoutes(
  options: RestDoorOptions,
  queries: QueryService,
  metrics: Metrics,
  monitoring: Monitoring,
): readonly Route[] {
  const { config, driver, pool, jobs, clock, version, admin } = options;
  const settings = poolSettings(admin.store, options.poolControl);
  const pools = new PoolService({ control: options.poolControl, settings });
  const batches = new BatchService({
    queries,
    pool,
    maxStatements: config.api.maxBatchStatements,
  });
  const runner = new StatementRunner(queries);
  const reader = new RelationReader(runner, driver);
  const rows = new RowService({ queries, pool, runner, reader });
  const writer = new RowWriter({ queries, pool, runner, reader });
  const catalog = new CatalogService(runner, reader);
  const tables = new TableService({ runner, pool, catalog });
  const pages = { defaultSize: config.api.defaultPageSize, maxSize: config.api.maxPageSize };
  const imports = new ImportService(queries);
  const importJobs = new ImportJobs({
    jobs,
    imports,
    room: new SpoolRoom(config.api.maxJobUploadBytes),
    folder: spoolFolder(config),
  });
  metrics.addFill(() => queries.fill());
  const health = new HealthService({ driver, pool, clock, version });
  const routes: Route[] = [
    ...queryRoutes(queries, new ExplainService(queries, pool)),
    ...queriesRoutes(new AllQueries(queries, options.askLanes), pages),
    batchRoute(batches),
    ...catalogRoutes({ catalog, tables, pages }),
    ...rowRoutes(rows, writer),
    ...transferRoutes(queries, imports, importJobs),
    ...jobRoutes(jobs, pages),
    ...limitRoutes(options.limits, pages),
    ...healthRoutes(health),
    ...gatewayRoutes(options, metrics),
    ...poolRoutes(pools, pages),
    ...metaRoutes(admin.store, metrics),
    ...monitoringRoutes(monitoring, pages),
    ...alertRoutes(monitoring, pages),
    ...adminRoutes({ ...admin, runner, jobs, pages }),
  ];
  const document = (): unknown => openApi(routes, version);
  routes.push(openApiRoute(document));
  return routes;
}

/** What answers at the ports. */
export interface RestDoor {
  readonly api: Answering;
  /** `/metrics` alone, with the bytes that the other has. */
  readonly metrics: Answering;
  /** The configuration has changed. */
  configure(config: Config): void;
  /** Samples no more. */
  close(): void;
}

/** The filter that the configuration asks for; what it finds is logged and counted. */
function injectionFilter({ config, log }: RestDoorOptions, metrics: Metrics): InjectionFilter {
  let found = 0;
  const counter = {
    name: 'rustydb_gateway_suspicious_total',
    help: 'Requests with a value that looks like an injection',
    type: 'counter',
  } as const;
  metrics.addValues(counter, () => [{ labels: {}, value: found }]);
  return new InjectionFilter({
    mode: config.api.injectionFilter,
    onFound(kind, requestId, route) {
      found += 1;
      log.child('gateway').warn('a value looks like an injection', { kind, requestId, route });
    },
  });
}

/** The lane of the main thread. */
function mainLane(
  { config, clock, pool, counts }: RestDoorOptions,
  short: ShortQuery,
): ExpressLane {
  return new ExpressLane({
    clock,
    thread: 0,
    patience: { ...config.api, isPressed: () => pool.statistics.waiting > 0 },
    maxConnections: config.network.maxConnections,
    answer: short.answer,
    count: counts.lane,
    inWork: counts.inWork,
  });
}

export function restDoor(options: RestDoorOptions): RestDoor {
  const { config, driver, pool, limits, jobs, clock, memory, threads, audit, tracing } = options;
  const metrics = new Metrics();
  metrics.addEngine(() => driver.statistics());
  for (let thread = 1; thread < threads; thread += 1) {
    const requests = RequestCounts.of(memory.requests, thread);
    metrics.addThread(
      new RequestCounts('POST', QUERY_ENDPOINT, requests),
      ErrorCounts.of(memory.errors, thread),
    );
  }
  metrics.addPool('default', () => pool.statistics);
  metrics.addFill(() => jobs.fill());
  const log = options.log.child('rest');
  const monitoring = new Monitoring({ ...options, log, metrics });
  const queries = new QueryService({
    pool,
    clock,
    newId: randomUUID,
    maxActive: config.api.maxActiveQueries,
    observer: monitoring.own,
  });
  const fail = failWith(log, metrics, audit.record);
  const cors = new Cors(config.api);
  const maxBodyBytes = config.api.maxBodySizeBytes;
  const injection = injectionFilter(options, metrics);
  const common = { fail, metrics, limits, clock, audit, tracing, maxBodyBytes, cors };
  const api = restApp({
    ...common,
    injection,
    routes: restRoutes(options, queries, metrics, monitoring),
    ...(config.api.enableSwagger ? { mount: mountDocs } : {}),
  });
  const short = new ShortQuery({
    ...common,
    queries,
    counts: metrics.requests('POST', QUERY_ENDPOINT),
    bodyOf: queryBodyOf,
    compress: (request, response) =>
      compressing(request as Request, response as Response, () => undefined),
  });
  const lane = mainLane(options, short);
  metrics.addFill(() => lane.fill());
  addLimiterMetrics(metrics, limits);
  const onRefused: Answering['onRefused'] = ({ code }) => metrics.countError(code);
  return {
    api: {
      handler: (request, response) => {
        if (!short.take(request, response)) api(request, response);
      },
      lane,
      onRefused,
    },
    metrics: {
      handler: restApp({ ...common, injection, routes: [metricsRoute(metrics)] }),
      onRefused,
    },
    configure(changed) {
      monitoring.configure(changed);
      if (tracing !== undefined) tracing.samplePercent = changed.monitoring.traceSamplePercent;
    },
    close() {
      monitoring.close();
      void tracing?.close();
    },
  };
}
