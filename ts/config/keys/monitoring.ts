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
    what: 'Statements that take longer are logged. 0 logs every statement.',
    raise: 'fewer lines',
    lower: 'more lines, and the cost of writing them',
    waitsFor: 'the log of slow statements',
  },
];
