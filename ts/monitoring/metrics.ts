import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Fill } from '../util/fill.ts';

/** Upper bounds of durations, in seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What a pool says of itself. */
export interface PoolStats {
  readonly size: number;
  readonly idle: number;
  readonly waiting: number;
}

/** `bufferPoolMisses` as `rustydb_buffer_pool_misses`. */
function metricName(name: string): string {
  return `rustydb_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

/** The one registry of metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'method' | 'endpoint' | 'status'>;
  readonly #seconds: Histogram<'method' | 'endpoint'>;
  readonly #errors: Counter<'type'>;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: 'rustydb_api_requests_total',
      help: 'Requests of the HTTP door that were answered',
      labelNames: ['method', 'endpoint', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'rustydb_api_request_duration_seconds',
      help: 'From the head of a request to the end of its answer',
      labelNames: ['method', 'endpoint'],
      buckets: SECONDS,
      registers,
    });
    this.#errors = new Counter({
      name: 'rustydb_api_errors_total',
      help: 'Failures that were answered, by code',
      labelNames: ['type'],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A request was answered; `endpoint` is a route's pattern, never what a client sent. */
  countRequest(method: string, endpoint: string, status: number, seconds: number): void {
    this.#requests.inc({ method, endpoint, status });
    this.#seconds.observe({ method, endpoint }, seconds);
  }

  countError(code: string): void {
    this.#errors.inc({ type: code });
  }

  /** Gauges that are read when they are asked for: numbers by name. */
  addGauges(read: () => Readonly<Record<string, number>>, names: readonly string[]): void {
    for (const name of names) {
      new Gauge({
        name: metricName(name),
        help: `${name} of the engine`,
        registers: [this.#registry],
        collect() {
          this.set(read()[name] ?? 0);
        },
      });
    }
  }

  /** The sessions of a pool and who waits for one. */
  addPool(pool: string, read: () => PoolStats): void {
    const gauges = [
      ['total_connections', 'Sessions that the pool has', ({ size }: PoolStats) => size],
      ['idle_connections', 'Sessions that nobody uses', ({ idle }: PoolStats) => idle],
      ['active_connections', 'Sessions in use', ({ size, idle }: PoolStats) => size - idle],
      ['wait_queue_size', 'Requests that wait for one', ({ waiting }: PoolStats) => waiting],
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
}
