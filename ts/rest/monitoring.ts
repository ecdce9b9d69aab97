// What the server knows of itself, put together: metrics, samples, alerts, what statements cost.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog } from '../audit/index.ts';
import type { Config } from '../config/index.ts';
import type { Driver } from '../engine/index.ts';
import type { Logger, LogRing } from '../monitoring/index.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import { SpanCounts } from '../monitoring/span-counts.ts';
import { StatementDurations } from '../monitoring/statement-durations.ts';
import type { SessionPool } from '../pool/index.ts';
import { AlertService } from '../services/monitoring/alert-service.ts';
import { dashboardSeries } from '../services/monitoring/dashboards.ts';
import { MetricSampler } from '../services/monitoring/metric-sampler.ts';
import {
  addTotals,
  type SlowStatement,
  StatementStats,
  type StatementTotals,
} from '../services/monitoring/statement-stats.ts';
import type { Clock } from '../util/clock.ts';
import type { HttpCounts, HttpMemory } from './http-counts.ts';
import type { LaneAnswer, LaneQuestion, LaneStatements } from './lane/lane-messages.ts';

/** Kept in the data directory. */
const RULES_FILE = 'alert-rules.json';

export interface MonitoringOptions {
  readonly config: Config;
  readonly admin: { readonly audit: AuditLog; readonly recent: LogRing };
  readonly metrics: Metrics;
  readonly driver: Driver;
  readonly pool: SessionPool;
  readonly counts: HttpCounts;
  readonly memory: HttpMemory;
  readonly threads: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly askLanes: (question: LaneQuestion) => Promise<readonly LaneAnswer[]>;
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export class Monitoring {
  readonly metrics: Metrics;
  readonly sampler: MetricSampler;
  readonly alerts: AlertService;
  readonly recent: LogRing;
  /** The statements of this thread. */
  readonly own: StatementStats;
  readonly #options: MonitoringOptions;
  #config: Config;
  #isClosed = false;

  constructor(options: MonitoringOptions) {
    const { config, metrics, memory, threads, clock, log, admin } = options;
    this.#options = options;
    this.#config = config;
    this.metrics = metrics;
    this.recent = admin.recent;
    const durations = Array.from({ length: threads }, (_, thread) =>
      StatementDurations.of(memory.statements, thread),
    );
    const [first = new StatementDurations()] = durations;
    const { slowQueryMs: slowMs } = config.monitoring;
    this.own = new StatementStats({ durations: first, log, slowMs });
    const { path } = config.data;
    this.alerts = new AlertService({
      clock,
      log: log.child('alerts'),
      newId: randomUUID,
      path: path === ':memory:' ? undefined : join(path, RULES_FILE),
      readFile: readOptional,
    });
    this.sampler = new MetricSampler({
      metrics,
      clock,
      intervalMs: () => this.#config.monitoring.sampleIntervalMs,
      series: dashboardSeries(),
      onSample: (moments) => this.alerts.evaluate(moments),
      onError: (error) => {
        if (!this.#isClosed) log.error('metrics could not be sampled', { error });
      },
    });
    metrics.addStatements(durations);
    this.#addOwn(admin.audit);
    this.sampler.start();
  }

  configure(config: Config): void {
    const isOther = config.monitoring.sampleIntervalMs !== this.#config.monitoring.sampleIntervalMs;
    this.#config = config;
    this.own.slowMs = config.monitoring.slowQueryMs;
    if (isOther) this.sampler.reschedule();
  }

  close(): void {
    this.#isClosed = true;
    this.sampler.stop();
  }

  /** What statements have cost on all threads, the dearest first. */
  async statements(): Promise<readonly StatementTotals[]> {
    const elsewhere = await this.#elsewhere();
    const all = [...this.own.totals(), ...elsewhere.flatMap(({ totals }) => totals)];
    return addTotals(all).toSorted((one, other) => other.totalMs - one.totalMs);
  }

  /** The slow statements of all threads. */
  async slowStatements(): Promise<readonly SlowStatement[]> {
    const elsewhere = await this.#elsewhere();
    return [...this.own.slow(), ...elsewhere.flatMap(({ slow }) => slow)];
  }

  /** The sessions of the engine, those of the pool, the connections of the HTTP port. */
  sessionStats(): { sessions: number; pool: SessionPool['statistics']; httpConnections: number } {
    const { driver, pool, counts } = this.#options;
    const { sessions = 0 } = driver.statistics();
    return { sessions, pool: pool.statistics, httpConnections: counts.connections.total };
  }

  async #elsewhere(): Promise<readonly LaneStatements[]> {
    return (await this.#options.askLanes({ kind: 'statements' })) as readonly LaneStatements[];
  }

  /** What became of spans, on all threads. */
  #addSpans(): void {
    const { memory, threads } = this.#options;
    const all = Array.from({ length: threads }, (_, thread) => SpanCounts.of(memory.spans, thread));
    const sum = (of: (counts: SpanCounts) => number): number =>
      all.reduce((total, counts) => total + of(counts), 0);
    const metric = { name: 'rustydb_trace_spans_total', help: 'Spans by what became of them' };
    this.metrics.addValues({ ...metric, type: 'counter' }, () => [
      { labels: { result: 'exported' }, value: sum(({ exported }) => exported) },
      { labels: { result: 'dropped' }, value: sum(({ dropped }) => dropped) },
      { labels: { result: 'failed' }, value: sum(({ failed }) => failed) },
    ]);
  }

  #addOwn(audit: AuditLog): void {
    const { metrics } = this;
    const counters = [
      ['rustydb_audit_records_total', 'Records of the audit log', () => audit.counts.recorded],
      [
        'rustydb_audit_records_dropped_total',
        'Records of the audit log that there was no room for',
        () => audit.counts.dropped,
      ],
      [
        'rustydb_audit_write_failures_total',
        'Writes of the audit log that failed',
        () => audit.counts.failures,
      ],
      [
        'rustydb_gateway_auth_failures_total',
        'Requests over HTTP whose client could not prove who it is',
        () => metrics.errorsOf('AUTHENTICATION_FAILED'),
      ],
      [
        'rustydb_gateway_authz_failures_total',
        'Requests over HTTP that were not permitted',
        () => metrics.errorsOf('AUTHORIZATION_FAILED'),
      ],
    ] as const;
    for (const [name, help, read] of counters) {
      metrics.addValues({ name, help, type: 'counter' }, () => [{ labels: {}, value: read() }]);
    }
    const firing = {
      name: 'rustydb_alerts_firing',
      help: 'Alerts that fire',
      type: 'gauge',
    } as const;
    metrics.addValues(firing, () => [{ labels: {}, value: this.alerts.firing }]);
    this.#addSpans();
    metrics.addFill(() => audit.fill());
    metrics.addFill(() => this.alerts.fill());
    metrics.addFill(() => this.recent.fill());
  }
}
