import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ErrorCode } from '../errors/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Fill } from '../util/fill.ts';
import { engineMetric } from './engine-metric.ts';
import { ErrorCounts } from './error-counts.ts';
import { addedUp, RequestCounts, registerValues, type Value } from './request-counts.ts';
import type { StatementDurations } from './statement-durations.ts';

/** Methods of endpoints, all of which the program has. */
const ENDPOINTS_MAX = 1000;
const STATEMENTS = 'rustydb_query_execution_duration_seconds';
const DURATION = 'rustydb_api_request_duration_seconds';

/** What a pool says of itself. */
export interface PoolStats {
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  readonly waiting: number;
  /** Since the start: those who got a slot, who were refused at once, whose wait was too long. */
  readonly acquired: number;
  readonly refused: number;
  readonly timedOut: number;
  readonly leaks: number;
}

type RawFamily = Omit<MetricFamily, 'values'> & { readonly values: readonly Value[] };

/** One metric with all its values. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly (Value & { readonly metricName: string })[];
}

/** The one registry of metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new BoundedMap<string, RequestCounts>({
    name: 'endpoints',
    cap: ENDPOINTS_MAX,
    whenFull: 'refuse',
  });
  /** Of other threads. */
  readonly #requestsElsewhere: RequestCounts[] = [];
  readonly #errors = new ErrorCounts();
  readonly #errorsElsewhere: ErrorCounts[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    // Gauges with the names of counters; the same without `_total` are there too, by type.
    for (const name of ['handles', 'requests', 'resources']) {
      this.#registry.removeSingleMetric(`nodejs_active_${name}_total`);
    }
    const requests = {
      name: 'rustydb_api_requests_total',
      help: 'Requests of the HTTP door that were answered',
      type: 'counter',
    };
    registerValues(this.#registry, requests, () => this.#readAll((counts) => counts.answers()));
    const durations = {
      name: DURATION,
      help: 'From the head of a request to the end of its answer',
      type: 'histogram',
    };
    registerValues(this.#registry, durations, () =>
      this.#readAll((counts) => counts.durations(DURATION)),
    );
    const errors = {
      name: 'rustydb_api_errors_total',
      help: 'Failures that were answered, by code',
      type: 'counter',
    };
    registerValues(this.#registry, errors, () =>
      addedUp([this.#errors, ...this.#errorsElsewhere].flatMap((counts) => counts.values())),
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, metric by metric. */
  async families(): Promise<readonly MetricFamily[]> {
    const all = (await this.#registry.getMetricsAsJSON()) as unknown as readonly RawFamily[];
    return all.map(({ name, help, type, values }) => ({
      name,
      help,
      type: String(type),
      values: values.map((one) => ({ ...one, metricName: one.metricName ?? name })),
    }));
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /**
   * Where answers to one method of an endpoint are counted; `endpoint` is a route's pattern, never
   * what a client sent.
   */
  requests(method: string, endpoint: string): RequestCounts {
    const name = `${method} ${endpoint}`;
    const known = this.#requests.get(name);
    if (known !== undefined) return known;
    const counts = new RequestCounts(method, endpoint);
    this.#requests.set(name, counts);
    return counts;
  }

  /** A metric whose values are read when they are asked for. */
  addValues(
    metric: { readonly name: string; readonly help: string; readonly type: 'counter' | 'gauge' },
    read: () => readonly Value[],
  ): void {
    registerValues(this.#registry, metric, read);
  }

  /** Failures that were answered with a code, of all threads. */
  errorsOf(code: ErrorCode): number {
    const all = [this.#errors, ...this.#errorsElsewhere];
    return all.reduce((sum, counts) => sum + counts.of(code), 0);
  }

  countError(code: ErrorCode): void {
    this.#errors.countError(code);
  }

  /** How long statements took, thread by thread. */
  addStatements(durations: readonly StatementDurations[]): void {
    const metric = {
      name: STATEMENTS,
      help: 'Statements of the HTTP door, from the request for a session to the end',
      type: 'histogram',
    };
    registerValues(this.#registry, metric, () =>
      addedUp(durations.flatMap((one) => one.values(STATEMENTS))),
    );
    const slow = {
      name: 'rustydb_slow_queries_total',
      help: 'Statements of the HTTP door over monitoring.slow_query_ms',
      type: 'counter',
    } as const;
    this.addValues(slow, () => [
      { labels: {}, value: durations.reduce((sum, one) => sum + one.slow, 0) },
    ]);
  }

  /** What another thread counts; a process has few. */
  addThread(requests: RequestCounts, errors: ErrorCounts): void {
    this.#requestsElsewhere.push(requests);
    this.#errorsElsewhere.push(errors);
  }

  /** The numbers of an engine, by its own names for them. */
  addEngine(read: () => Readonly<Record<string, number>>): void {
    for (const own of Object.keys(read())) {
      const { name, help, type } = engineMetric(own);
      this.addValues({ name, help, type }, () => [{ labels: {}, value: read()[own] ?? 0 }]);
    }
  }

  /** The slots of a pool and who waits for one. */
  addPool(pool: string, read: () => PoolStats): void {
    const gauges = [
      ['total_connections', 'Slots that the pool has', ({ total }: PoolStats) => total],
      ['idle_connections', 'Slots that nobody uses', ({ idle }: PoolStats) => idle],
      ['active_connections', 'Slots in use', ({ active }: PoolStats) => active],
      ['wait_queue_size', 'Clients that wait for one', ({ waiting }: PoolStats) => waiting],
    ] as const;
    for (const [suffix, help, numberOf] of gauges) {
      new Gauge({
        name: `rustydb_pool_${suffix}`,
        help,
        labelNames: ['pool'],
        registers: [this.#registry],
        collect() {
          this.set({ pool }, numberOf(read()));
        },
      });
    }
    const acquisitions = {
      name: 'rustydb_pool_acquisitions_total',
      help: 'Wishes for a slot by what became of them',
      type: 'counter',
    } as const;
    this.addValues(acquisitions, () => {
      const { acquired, refused, timedOut } = read();
      return [
        { labels: { pool, result: 'ok' }, value: acquired },
        { labels: { pool, result: 'failed' }, value: refused },
        { labels: { pool, result: 'timed_out' }, value: timedOut },
      ];
    });
    const leaks = {
      name: 'rustydb_pool_leaks_total',
      help: 'Slots that were held too long without a statement',
      type: 'counter',
    } as const;
    this.addValues(leaks, () => [{ labels: { pool }, value: read().leaks }]);
  }

  /** How full a bounded container is: its entries, their cap, and what it had no place for. */
  addFill(read: () => Fill): void {
    const { name } = read();
    const members = [
      ['entries', 'Entries of', 'size'],
      ['cap', 'The most entries of', 'cap'],
      ['overflows', 'Entries that there was no place for in', 'overflows'],
    ] as const;
    for (const [suffix, help, member] of members) {
      new Gauge({
        name: `rustydb_${name}_${suffix}`,
        help: `${help} ${name}`,
        registers: [this.#registry],
        collect() {
          this.set(read()[member]);
        },
      });
    }
  }

  #readAll(read: (counts: RequestCounts) => readonly Value[]): readonly Value[] {
    return addedUp([...this.#requests.values(), ...this.#requestsElsewhere].flatMap(read));
  }
}
