import { ADDRESS, BOOLEAN, type Key, PORT, SECOND_MS } from '../key.ts';

export const monitoringKeys: readonly Key[] = [
  {
    name: 'monitoring.enable_metrics',
    type: BOOLEAN,
    default: true,
    aliases: ['monitoring.enable_prometheus'],
    environment: 'RUSTYDB_ENABLE_METRICS',
    what: 'Whether `/metrics` is served on a port of its own too, for Prometheus; the HTTP port always has it.',
  },
  {
    name: 'monitoring.metrics_addr',
    type: ADDRESS,
    default: '127.0.0.1',
    what: 'The address of the metrics port. Until there is authentication, only loopback addresses are accepted.',
  },
  {
    name: 'monitoring.metrics_port',
    type: PORT,
    default: undefined,
    environment: 'RUSTYDB_METRICS_PORT',
    what: 'The metrics port. Where it is not set: 9090, or a free one where that is taken. 0 takes a free one; the ready line says which.',
  },
  {
    name: 'monitoring.log_level',
    type: {
      kind: 'enum',
      values: ['trace', 'debug', 'info', 'warn', 'error', 'critical'],
    },
    default: 'info',
    environment: 'RUSTYDB_LOG_LEVEL',
    what: 'The least level that is logged.',
  },
  {
    name: 'monitoring.log_format',
    type: { kind: 'enum', values: ['json', 'logfmt', 'plain'] },
    default: 'json',
    what: 'How log lines look; they always go to standard error.',
  },
  {
    name: 'monitoring.slow_query_ms',
    type: { kind: 'duration', min: 0, max: 3600 * SECOND_MS, bare: 'ms' },
    default: 100,
    live: true,
    what: 'Statements of the HTTP door that take longer are logged and listed. 0 logs every statement.',
    raise: 'fewer lines',
    lower: 'more lines, and the cost of writing them',
  },
  {
    name: 'monitoring.sample_interval',
    type: { kind: 'duration', min: 100, max: 3600 * SECOND_MS },
    default: '10s',
    live: true,
    what: 'How often metrics are sampled for dashboards and alert rules are judged.',
    raise: 'less work; alerts come later',
    lower: 'finer curves over a shorter time; alerts come sooner',
  },
  {
    name: 'monitoring.enable_tracing',
    type: BOOLEAN,
    default: false,
    what: 'Makes spans of HTTP requests and exports them by OTLP.',
  },
  {
    name: 'monitoring.otlp_endpoint',
    type: {
      kind: 'text',
      pattern: /^https?:\/\/[^\s]+$/,
      allowed: 'a URL, as `http://localhost:4318`',
    },
    default: undefined,
    what: 'Where spans are sent: the base URL of an OTLP/HTTP receiver; `/v1/traces` is added.',
  },
  {
    name: 'monitoring.trace_sample_percent',
    type: { kind: 'integer', min: 0, max: 100 },
    default: 100,
    live: true,
    what: 'Of a hundred requests without a `traceparent` so many are traced; with one its flag decides.',
    raise: 'more is seen, and costs',
    lower: 'less is seen',
  },
];
