// Counts of answered requests: bare numbers where requests are counted, put into the form of
// Prometheus where they are read.
import type { Metric, Registry } from 'prom-client';

/** Upper bounds of durations, in seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Statuses are below this. */
const STATUSES = 600;

interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** The answers to one method of one endpoint. */
export class RequestCounts {
  readonly #labels: { readonly method: string; readonly endpoint: string };
  /** By status. */
  readonly #answers = new Float64Array(STATUSES);
  /** By the first bound that is not below; the last are longer than every bound. */
  readonly #durations = new Float64Array(SECONDS.length + 1);
  #seconds = 0;

  constructor(method: string, endpoint: string) {
    this.#labels = { method, endpoint };
  }

  /** A request was answered. */
  add(status: number, seconds: number): void {
    this.#answers[status] = (this.#answers[status] ?? 0) + 1;
    let at = 0;
    while (seconds > (SECONDS[at] ?? Number.POSITIVE_INFINITY)) at += 1;
    this.#durations[at] = (this.#durations[at] ?? 0) + 1;
    this.#seconds += seconds;
  }

  answers(): readonly Value[] {
    const values = [...this.#answers].map((value, status) => ({
      labels: { ...this.#labels, status },
      value,
    }));
    return values.filter(({ value }) => value > 0);
  }

  /** As a histogram; nothing before the first answer. */
  durations(name: string): readonly Value[] {
    let count = 0;
    const buckets = [...this.#durations].map((of, at) => {
      count += of;
      const labels = { ...this.#labels, le: SECONDS[at] ?? '+Inf' };
      return { labels, value: count, metricName: `${name}_bucket` };
    });
    if (count === 0) return [];
    return [
      ...buckets,
      { labels: this.#labels, value: this.#seconds, metricName: `${name}_sum` },
      { labels: this.#labels, value: count, metricName: `${name}_count` },
    ];
  }
}

/** Makes a metric of values that are read when they are asked for. */
export function registerValues(
  registry: Registry,
  metric: { readonly name: string; readonly help: string; readonly type: string },
  read: () => readonly Value[],
): void {
  const get = async () => ({ ...metric, values: read(), aggregator: 'sum' });
  // What a registry needs of a metric is this; its own kinds can only be counted one by one.
  registry.registerMetric({ ...metric, get } as unknown as Metric);
}
