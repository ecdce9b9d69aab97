import { type MetricExpression, parseExpression } from './metric-expression.ts';

export const COMPARISONS = ['>', '>=', '<', '<=', '==', '!='] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** When something is to be told. */
export interface AlertRule {
  readonly id: string;
  /** See `metric-expression.ts`. */
  readonly expression: string;
  readonly comparison: Comparison;
  readonly threshold: number;
  /** How long it must be so, in seconds. */
  readonly forSecs: number;
  readonly severity: Severity;
  readonly description: string;
}

/** Rules that every server has. */
export const BUILT_IN: readonly AlertRule[] = [
  {
    id: 'writing-stopped',
    expression: 'rustydb_writable',
    comparison: '<',
    threshold: 1,
    forSecs: 0,
    severity: 'critical',
    description: 'The engine has stopped writing after a fault of the disk.',
  },
  {
    id: 'audit-records-dropped',
    expression: 'rate(rustydb_audit_records_dropped_total)',
    comparison: '>',
    threshold: 0,
    forSecs: 0,
    severity: 'critical',
    description: 'Records of the audit log are lost: its disk is too slow, or full.',
  },
  {
    id: 'requests-wait-for-sessions',
    expression: 'rustydb_pool_wait_queue_size',
    comparison: '>',
    threshold: 0,
    forSecs: 30,
    severity: 'warning',
    description: 'All sessions of the pool are in use: see pool.max_size.',
  },
  {
    id: 'internal-errors',
    expression: 'rate(rustydb_api_errors_total{type="INTERNAL_ERROR"})',
    comparison: '>',
    threshold: 0,
    forSecs: 0,
    severity: 'critical',
    description: 'Requests fail by a fault of the server: see its log.',
  },
];

const HOLDS: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  '>': (value, threshold) => value > threshold,
  '>=': (value, threshold) => value >= threshold,
  '<': (value, threshold) => value < threshold,
  '<=': (value, threshold) => value <= threshold,
  '==': (value, threshold) => value === threshold,
  '!=': (value, threshold) => value !== threshold,
};

/** A rule whose expression was read. VALIDATION_ERROR where it cannot be. */
export class ReadRule {
  readonly rule: AlertRule;
  readonly #expression: MetricExpression;

  constructor(rule: AlertRule) {
    this.rule = rule;
    this.#expression = parseExpression(rule.expression);
  }

  /** The metrics that it names. */
  get names(): readonly string[] {
    return this.#expression.names;
  }

  /** What it is now, and whether that is so as the rule says. */
  judge(moments: Parameters<MetricExpression['evaluate']>[0]): {
    readonly value: number | undefined;
    readonly isSo: boolean;
  } {
    const value = this.#expression.evaluate(moments);
    const { comparison, threshold } = this.rule;
    return { value, isSo: value !== undefined && HOLDS[comparison](value, threshold) };
  }
}
