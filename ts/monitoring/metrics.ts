import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ErrorCode } from '../errors/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Fill } from '../util/fill.ts';
import { ErrorCounts } from './error-counts.ts';
import { addedUp, RequestCounts, registerValues, type Value } from './request-counts.ts';

/** Methods of endpoints, all of which the program has. */
const ENDPOINTS_MAX = 1000;
const DURATION = 'rustydb_api_request_duration_seconds';

/** What a pool says of itself. */
export interface PoolStats {
  readonly total: number;
  readonly active: number;
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

  countError(code: ErrorCode): void {
    this.#errors.countError(code);
  }

  /** What another thread counts; a process has few. */
  addThread(requests: RequestCounts, errors: ErrorCounts): void {
    this.#requestsElsewhere.push(requests);
    this.#errorsElsewhere.push(errors);
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
  }

  /** A metric of values that are read when it is asked for. */
  addValues(
    metric: { readonly name: string; readonly help: string; readonly type: 'counter' | 'gauge' },
    read: () => readonly Value[],
  ): void {
    registerValues(this.#registry, metric, read);
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
