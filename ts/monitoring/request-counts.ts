// Counts of answered requests: bare numbers where requests are counted, put into the form of
// Prometheus where they are read.
import type { Metric, Registry } from 'prom-client';

/** Upper bounds of durations, in seconds. */
export const SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** Statuses are below this. */
const STATUSES = 600;

export interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** Cells of one count: answers by status, durations by bucket, the sum of the durations. */
const CELLS = STATUSES + SECONDS.length + 2;
const SUM = CELLS - 1;

/** The answers to one method of one endpoint. */
export class RequestCounts {
  readonly #labels: { readonly method: string; readonly endpoint: string };
  readonly #cells: Float64Array;

  /** `cells` where other threads read them, as `room` gives them. */
  constructor(method: string, endpoint: string, cells: Float64Array = new Float64Array(CELLS)) {
    this.#labels = { method, endpoint };
    this.#cells = cells;
  }

  /** Memory for the counts of so many threads. */
  static room(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * CELLS * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Those of one thread in such memory. */
  static of(memory: SharedArrayBuffer, thread: number): Float64Array {
    return new Float64Array(memory, thread * CELLS * Float64Array.BYTES_PER_ELEMENT, CELLS);
  }

  /** A request was answered. */
  add(status: number, seconds: number): void {
    const cells = this.#cells;
    let at = STATUSES;
    for (let bound = 0; seconds > (SECONDS[bound] ?? Number.POSITIVE_INFINITY); bound += 1) at += 1;
    cells[status] = (cells[status] ?? 0) + 1;
    cells[at] = (cells[at] ?? 0) + 1;
    cells[SUM] = (cells[SUM] ?? 0) + seconds;
  }

  answers(): readonly Value[] {
    const values = [...this.#cells.subarray(0, STATUSES)].map((value, status) => ({
      labels: { ...this.#labels, status },
      value,
    }));
    return values.filter(({ value }) => value > 0);
  }

  /** As a histogram; nothing before the first answer. */
  durations(name: string): readonly Value[] {
    return histogramValues(name, this.#labels, this.#cells.subarray(STATUSES));
  }
}

/**
 * The values of a histogram: cells are the counts of the buckets, of what lies beyond them, and the
 * sum. Nothing before the first count.
 */
export function histogramValues(
  name: string,
  labels: Readonly<Record<string, string | number>>,
  cells: Float64Array,
): readonly Value[] {
  let count = 0;
  const buckets = [...cells.subarray(0, -1)].map((of, at) => {
    count += of;
    const le = SECONDS[at] ?? '+Inf';
    return { labels: { ...labels, le }, value: count, metricName: `${name}_bucket` };
  });
  if (count === 0) return [];
  return [
    ...buckets,
    { labels, value: cells.at(-1) ?? 0, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ];
}

/** Of several counts one: values of the same labels are added. */
export function addedUp(values: readonly Value[]): readonly Value[] {
  const groups = Object.groupBy(values, ({ labels, metricName = '' }) =>
    [metricName, ...Object.values(labels)].join(' '),
  );
  return Object.values(groups).flatMap((group = []) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ ...first, value: group.reduce((sum, { value }) => sum + value, 0) }];
  });
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
