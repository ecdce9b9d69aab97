import { type MetricExpression, parseExpression } from './metric-expression.ts';
import type { MetricSample } from './metric-sample.ts';

type Moments = Parameters<MetricExpression['evaluate']>[0];

const REQUESTS = 'rustydb_api_requests_total';
const ERRORS = 'rustydb_api_errors_total';
const DURATION = 'rustydb_api_request_duration_seconds';
const requestRate = parseExpression(`rate(${REQUESTS})`);
const errorRate = parseExpression(`rate(${ERRORS})`);

/** How busy a server is. */
export interface Performance {
  readonly uptimeSeconds: number;
  readonly cpuSecondsTotal: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly eventLoopLagP99Seconds: number;
  /** null where there is nothing to tell it by. */
  readonly requestsPerSecond: number | null;
  readonly errorsPerSecond: number | null;
  readonly meanRequestSeconds: number | null;
  readonly p50RequestSeconds: number | null;
  readonly p99RequestSeconds: number | null;
  /** The metrics of the engine. */
  readonly engine: Readonly<Record<string, number>>;
}

/** The upper bound of the bucket in which a share of a histogram's counts ends. */
function quantile(sample: MetricSample, share: number): number | null {
  const bounds = sample.values(`${DURATION}_bucket`);
  const byBound = Object.groupBy(bounds, ({ labels }) => String(labels.le));
  const buckets = Object.entries(byBound).map(([bound, values = []]) => ({
    bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
    count: values.reduce((sum, { value }) => sum + value, 0),
  }));
  const sorted = buckets.toSorted((one, other) => one.bound - other.bound);
  const total = sorted.at(-1)?.count ?? 0;
  if (total === 0) return null;
  const found = sorted.find(({ count }) => count >= share * total);
  const highest = sorted.findLast(({ bound }) => Number.isFinite(bound));
  const bound = found?.bound ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(bound) ? bound : (highest?.bound ?? null);
}

const ENGINE = [
  'rustydb_sessions',
  'rustydb_transactions_committed_total',
  'rustydb_buffer_pool_frames',
  'rustydb_buffer_pool_free',
  'rustydb_buffer_pool_dirty',
  'rustydb_buffer_pool_misses_total',
  'rustydb_pages_read_total',
  'rustydb_pages_written_total',
  'rustydb_wal_fsyncs_total',
  'rustydb_engine_queue_size',
] as const;

export function performanceOf(moments: Moments): Performance {
  const { now } = moments;
  const sum = (name: string): number => now.sum(name) ?? 0;
  const count = sum(`${DURATION}_count`);
  const startSeconds = sum('process_start_time_seconds');
  return {
    uptimeSeconds: startSeconds === 0 ? 0 : Math.max(0, nowSeconds(moments) - startSeconds),
    cpuSecondsTotal: sum('process_cpu_seconds_total'),
    residentBytes: sum('process_resident_memory_bytes'),
    heapUsedBytes: sum('nodejs_heap_size_used_bytes'),
    eventLoopLagP99Seconds: sum('nodejs_eventloop_lag_p99_seconds'),
    requestsPerSecond: requestRate.evaluate(moments) ?? null,
    errorsPerSecond: errorRate.evaluate(moments) ?? null,
    meanRequestSeconds: count === 0 ? null : sum(`${DURATION}_sum`) / count,
    p50RequestSeconds: quantile(now, 0.5),
    p99RequestSeconds: quantile(now, 0.99),
    engine: Object.fromEntries(ENGINE.map((name) => [name, sum(name)])),
  };
}

const nowSeconds = ({ now }: Moments): number => now.wallMs / 1000;
