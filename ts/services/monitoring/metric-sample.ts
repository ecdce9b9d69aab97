import type { MetricFamily } from '../../monitoring/metrics.ts';
import type { Value } from '../../monitoring/request-counts.ts';
import { BoundedMap } from '../../util/bounded-map.ts';
import type { Clock } from '../../util/clock.ts';

/** Names of series; the registry has far fewer. */
const NAMES_MAX = 10_000;

/** All metrics at one moment. */
export class MetricSample {
  /** On the monotonic clock. */
  readonly atMs: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  readonly #byName = new BoundedMap<string, Value[]>({
    name: 'sampled_metrics',
    cap: NAMES_MAX,
    whenFull: 'refuse',
  });

  constructor(clock: Clock, families: readonly MetricFamily[]) {
    this.atMs = clock.monotonicMs();
    this.wallMs = clock.wallMs();
    for (const { name, values } of families) {
      // A metric that counts nothing yet is there, and 0.
      if (!this.#byName.has(name)) this.#byName.set(name, []);
      for (const value of values) this.#add(value.metricName, value);
    }
  }

  /** The sum of a metric's values that have all the labels; undefined where there is no such metric. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const values = this.#byName.get(name);
    if (values === undefined) return undefined;
    const wanted = Object.entries(labels);
    return values
      .filter((one) => wanted.every(([label, value]) => String(one.labels[label]) === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** The values of a metric. */
  values(name: string): readonly Value[] {
    return this.#byName.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  #add(name: string, value: Value): void {
    // The mean of nothing is no number.
    if (!Number.isFinite(value.value)) return;
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, [value]);
    else known.push(value);
  }
}
