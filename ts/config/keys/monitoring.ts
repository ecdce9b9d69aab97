import { type Key, SECOND_MS } from '../key.ts';

export const monitoringKeys: readonly Key[] = [
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
