import type { Metrics } from '../../monitoring/metrics.ts';
import { BoundedQueue } from '../../util/bounded-queue.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import type { MetricExpression, Moments } from './metric-expression.ts';
import { MetricSample } from './metric-sample.ts';

/** Points that each series keeps: an hour at the default interval. */
const POINTS_MAX = 360;

/** A series that dashboards show. */
export interface Series {
  readonly id: string;
  readonly expression: MetricExpression;
}

/** A moment (milliseconds since 1970) and the value then. */
export type Point = readonly [number, number];

export interface MetricSamplerOptions {
  readonly metrics: Pick<Metrics, 'families'>;
  readonly clock: Clock;
  /** Read before each pause: it may change. */
  readonly intervalMs: () => number;
  readonly series: readonly Series[];
  /** Hears of each sample. */
  readonly onSample: (moments: Moments) => void;
  readonly onError: (error: unknown) => void;
}

/** Reads all metrics at an interval: for rates, for the curves of dashboards, for alerts. */
export class MetricSampler {
  readonly #options: MetricSamplerOptions;
  readonly #points: readonly BoundedQueue<Point>[];
  #now: MetricSample | undefined;
  #before: MetricSample | undefined;
  #timer: Timer | undefined;

  constructor(options: MetricSamplerOptions) {
    this.#options = options;
    this.#points = options.series.map(
      ({ id }) => new BoundedQueue<Point>({ name: `series_${id}`, cap: POINTS_MAX }),
    );
  }

  /** Samples now, and from now on. */
  start(): void {
    void this.sample();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** The pause has another length: the next sample comes after that. */
  reschedule(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(this.#options.intervalMs(), () => void this.sample());
  }

  /** Takes a sample now. */
  async sample(): Promise<void> {
    const { metrics, clock, onSample, onError } = this.#options;
    try {
      const now = new MetricSample(clock, await metrics.families());
      this.#before = this.#now;
      this.#now = now;
      const moments = { now, before: this.#before };
      this.#keepPoints(moments);
      onSample(moments);
    } catch (error) {
      onError(error);
    }
    this.reschedule();
  }

  /** All metrics as they are now, against the last sample. */
  async current(): Promise<Moments> {
    const { metrics, clock } = this.#options;
    const now = new MetricSample(clock, await metrics.families());
    return { now, before: this.#now };
  }

  /** What a series was, the oldest point first. */
  pointsOf(id: string): readonly Point[] {
    const at = this.#options.series.findIndex((one) => one.id === id);
    return this.#points[at]?.entries() ?? [];
  }

  #keepPoints(moments: Moments): void {
    const { series, clock } = this.#options;
    const wallMs = Math.round(clock.wallMs());
    for (const [at, { expression }] of series.entries()) {
      const value = expression.evaluate(moments);
      const points = this.#points[at];
      if (value === undefined || points === undefined) continue;
      if (points.isFull) points.shift();
      points.push([wallMs, value]);
    }
  }
}
