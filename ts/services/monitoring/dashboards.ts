// The dashboards: panels of expressions over metrics that there are.

import { RustyError } from '../../errors/index.ts';
import { type MetricExpression, parseExpression } from './metric-expression.ts';
import type { MetricSampler, Point } from './metric-sampler.ts';

interface PanelText {
  readonly id: string;
  readonly title: string;
  readonly unit: 'count' | 'per second' | 'seconds' | 'bytes' | 'ratio';
  readonly expression: string;
}

interface DashboardText {
  readonly id: string;
  readonly title: string;
  readonly panels: readonly PanelText[];
}

const panel = (
  id: string,
  title: string,
  unit: PanelText['unit'],
  expression: string,
): PanelText => ({ id, title, unit, expression });

const DURATION = 'rustydb_api_request_duration_seconds';
const STATEMENT = 'rustydb_query_execution_duration_seconds';

/** What the contract names and has no metrics yet. */
const NOT_BUILT = ['replication'] as const;

export const DASHBOARDS: readonly DashboardText[] = [
  {
    id: 'system-overview',
    title: 'System overview',
    panels: [
      panel('requests', 'HTTP requests', 'per second', 'rate(rustydb_api_requests_total)'),
      panel(
        'errors',
        'Failures that were answered',
        'per second',
        'rate(rustydb_api_errors_total)',
      ),
      panel('sessions', 'Sessions of the engine', 'count', 'rustydb_sessions'),
      panel('commits', 'Commits', 'per second', 'rate(rustydb_transactions_committed_total)'),
      panel('writable', 'The engine writes (1) or has stopped (0)', 'count', 'rustydb_writable'),
      panel('alerts', 'Alerts that fire', 'count', 'rustydb_alerts_firing'),
    ],
  },
  {
    id: 'connection-pool',
    title: 'Connection pool',
    panels: [
      panel('size', 'Sessions', 'count', 'rustydb_pool_total_connections'),
      panel('active', 'Sessions in use', 'count', 'rustydb_pool_active_connections'),
      panel('idle', 'Sessions that nobody uses', 'count', 'rustydb_pool_idle_connections'),
      panel('waiting', 'Requests that wait', 'count', 'rustydb_pool_wait_queue_size'),
    ],
  },
  {
    id: 'query-performance',
    title: 'Query performance',
    panels: [
      panel('statements', 'Statements over HTTP', 'per second', `rate(${STATEMENT}_count)`),
      panel(
        'statement-time',
        'Time of a statement, on average',
        'seconds',
        `rate(${STATEMENT}_sum) / rate(${STATEMENT}_count)`,
      ),
      panel(
        'request-time',
        'Time of a request, on average',
        'seconds',
        `rate(${DURATION}_sum) / rate(${DURATION}_count)`,
      ),
      panel('active', 'Statements that run or wait', 'count', 'rustydb_active_queries_entries'),
      panel('slow', 'Slow statements', 'per second', 'rate(rustydb_slow_queries_total)'),
      panel(
        'misses',
        'Pages not in memory',
        'per second',
        'rate(rustydb_buffer_pool_misses_total)',
      ),
    ],
  },
  {
    id: 'security-events',
    title: 'Security events',
    panels: [
      panel(
        'auth-failures',
        'Authentications that failed',
        'per second',
        'rate(rustydb_gateway_auth_failures_total)',
      ),
      panel(
        'authz-failures',
        'What was not permitted',
        'per second',
        'rate(rustydb_gateway_authz_failures_total)',
      ),
      panel(
        'rate-limited',
        'Requests over their rate',
        'per second',
        'rate(rustydb_gateway_rate_limited_total)',
      ),
      panel('records', 'Audit records', 'per second', 'rate(rustydb_audit_records_total)'),
      panel(
        'dropped',
        'Audit records that were lost',
        'per second',
        'rate(rustydb_audit_records_dropped_total)',
      ),
    ],
  },
  {
    id: 'resource-usage',
    title: 'Resource usage',
    panels: [
      panel('cpu', 'Processor time', 'ratio', 'rate(process_cpu_seconds_total)'),
      panel('memory', 'Resident memory', 'bytes', 'process_resident_memory_bytes'),
      panel('heap', 'JavaScript heap in use', 'bytes', 'nodejs_heap_size_used_bytes'),
      panel('event-loop', 'Event loop lag, 99 %', 'seconds', 'nodejs_eventloop_lag_p99_seconds'),
      panel('reads', 'Pages read', 'per second', 'rate(rustydb_pages_read_total)'),
      panel('writes', 'Pages written', 'per second', 'rate(rustydb_pages_written_total)'),
      panel('syncs', 'Syncs of the log', 'per second', 'rate(rustydb_wal_fsyncs_total)'),
      panel('dirty', 'Pages to be written', 'count', 'rustydb_buffer_pool_dirty'),
    ],
  },
];

const seriesId = (dashboard: string, one: string): string => `${dashboard}/${one}`;

/** Every panel of every dashboard, for the sampler. */
export function dashboardSeries(): readonly { id: string; expression: MetricExpression }[] {
  return DASHBOARDS.flatMap(({ id, panels }) =>
    panels.map((one) => ({
      id: seriesId(id, one.id),
      expression: parseExpression(one.expression),
    })),
  );
}

export interface Panel extends PanelText {
  /** Undefined where there is none yet: a rate needs two samples. */
  readonly value: number | undefined;
  readonly points: readonly Point[];
}

/** A dashboard with its curves. NOT_FOUND, or NOT_IMPLEMENTED for one whose metrics there are not. */
export function dashboardOf(
  wanted: string,
  sampler: MetricSampler,
): { readonly id: string; readonly title: string; readonly panels: readonly Panel[] } {
  if ((NOT_BUILT as readonly string[]).includes(wanted)) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: `dashboard ${wanted}` });
  }
  const found = DASHBOARDS.find(({ id }) => id === wanted);
  if (found === undefined) throw RustyError.of('NOT_FOUND', { what: `dashboard ${wanted}` });
  const panels = found.panels.map((one) => {
    const points = sampler.pointsOf(seriesId(found.id, one.id));
    return { ...one, value: points.at(-1)?.[1], points };
  });
  return { id: found.id, title: found.title, panels };
}
