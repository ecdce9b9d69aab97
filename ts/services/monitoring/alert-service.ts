// Alerts: what rules say of the metrics, sample by sample. A rule that holds makes an alert, pending
// until it has held for as long as the rule asks, then firing until it holds no more.
import { RustyError } from '../../errors/index.ts';
import type { Logger } from '../../monitoring/index.ts';
import { BoundedMap } from '../../util/bounded-map.ts';
import { BoundedQueue } from '../../util/bounded-queue.ts';
import type { Clock } from '../../util/clock.ts';
import type { Fill } from '../../util/fill.ts';
import { replaceFile } from '../../util/replace-file.ts';
import { type AlertRule, BUILT_IN, ReadRule } from './alert-rule.ts';
import type { Moments } from './metric-expression.ts';

const RULES_MAX = 500;
/** Alerts that are over and are still told of; the oldest go. */
const HISTORY_MAX = 1000;

export type AlertState = 'pending' | 'firing' | 'resolved';

/** What a rule has to tell. */
export interface Alert {
  readonly id: string;
  readonly ruleId: string;
  readonly severity: AlertRule['severity'];
  readonly description: string;
  readonly state: AlertState;
  /** Of the last sample in which it held. */
  readonly value: number;
  readonly threshold: number;
  /** ISO 8601 in UTC. */
  readonly since: string;
  readonly firedAt: string | null;
  readonly resolvedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: string | null;
}

interface Active {
  alert: Alert;
  /** When it began, on the monotonic clock. */
  readonly sinceMs: number;
}

export interface AlertServiceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  /** Where rules are kept; undefined keeps them in memory. */
  readonly path: string | undefined;
  readonly readFile: (path: string) => string | undefined;
}

export class AlertService {
  readonly #options: AlertServiceOptions;
  readonly #rules = new BoundedMap<string, ReadRule>({
    name: 'alert_rules',
    cap: RULES_MAX,
    whenFull: 'refuse',
  });
  /** By rule. */
  readonly #active = new BoundedMap<string, Active>({
    name: 'alerts_active',
    cap: RULES_MAX,
    whenFull: 'refuse',
  });
  readonly #history = new BoundedQueue<Alert>({ name: 'alert_history', cap: HISTORY_MAX });
  #saving: Promise<void> = Promise.resolve();

  constructor(options: AlertServiceOptions) {
    this.#options = options;
    for (const rule of [...BUILT_IN, ...this.#saved()])
      this.#rules.set(rule.id, new ReadRule(rule));
  }

  rules(): readonly AlertRule[] {
    return [...this.#rules.values()].map(({ rule }) => rule);
  }

  isBuiltIn(id: string): boolean {
    return BUILT_IN.some((rule) => rule.id === id);
  }

  /** How many alerts fire. */
  get firing(): number {
    return [...this.#active.values()].filter(({ alert }) => alert.state === 'firing').length;
  }

  fill(): Fill {
    return this.#rules.fill();
  }

  /**
   * Adds a rule. ALREADY_EXISTS, RESOURCE_EXHAUSTED, or VALIDATION_ERROR where its expression cannot
   * be read; `hasMetric` says which metrics there are.
   */
  async addRule(rule: AlertRule, hasMetric: (name: string) => boolean): Promise<void> {
    if (this.#rules.has(rule.id)) {
      throw RustyError.of('ALREADY_EXISTS', { what: `alert rule ${rule.id}` });
    }
    const read = new ReadRule(rule);
    const unknown = read.names.find((name) => !hasMetric(name));
    if (unknown !== undefined) {
      const what = `body: expression: there is no metric ${unknown}`;
      throw RustyError.of('VALIDATION_ERROR', { what });
    }
    if (!this.#rules.set(rule.id, read)) {
      throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'alert rules', limit: RULES_MAX });
    }
    await this.#save().catch((error: unknown) => {
      this.#rules.delete(rule.id);
      throw error;
    });
  }

  /** Takes a rule away, and ends its alert. NOT_FOUND, or OBJECT_IN_USE for what every server has. */
  async removeRule(id: string): Promise<void> {
    if (this.isBuiltIn(id))
      throw RustyError.of('OBJECT_IN_USE', { what: `built-in alert rule ${id}` });
    const read = this.#rules.get(id);
    if (read === undefined) throw RustyError.of('NOT_FOUND', { what: `alert rule ${id}` });
    this.#rules.delete(id);
    await this.#save().catch((error: unknown) => {
      this.#rules.set(id, read);
      throw error;
    });
    this.#resolve(id);
  }

  /** What is pending or fires, then what was resolved, each the newest first. */
  list(): readonly Alert[] {
    const active = [...this.#active.values()].map(({ alert }) => alert);
    return [...active.toReversed(), ...this.#history.entries().toReversed()];
  }

  /** Somebody has seen an alert that has not been resolved. */
  acknowledge(id: string, by: string): Alert {
    for (const active of this.#active.values()) {
      if (active.alert.id !== id) continue;
      active.alert = { ...active.alert, acknowledgedBy: by, acknowledgedAt: this.#now() };
      return active.alert;
    }
    const isOver = this.#history.entries().some((alert) => alert.id === id);
    if (isOver) throw RustyError.of('PRECONDITION_FAILED', { what: `alert ${id} is resolved` });
    throw RustyError.of('NOT_FOUND', { what: `alert ${id}` });
  }

  /** Judges all rules by a sample. */
  evaluate(moments: Moments): void {
    for (const [id, read] of this.#rules.entries()) {
      const { value, isSo } = read.judge(moments);
      if (isSo && value !== undefined) this.#holds(read.rule, value);
      else this.#resolve(id);
    }
  }

  #holds(rule: AlertRule, value: number): void {
    const { clock, log, newId } = this.#options;
    const { id: ruleId, severity, description, threshold } = rule;
    let active = this.#active.get(ruleId);
    if (active === undefined) {
      const about = { id: newId(), ruleId, severity, description, threshold, since: this.#now() };
      const open = { firedAt: null, resolvedAt: null, acknowledgedBy: null, acknowledgedAt: null };
      const alert: Alert = { ...about, state: 'pending', value, ...open };
      active = { alert, sinceMs: clock.monotonicMs() };
      this.#active.set(ruleId, active);
    }
    active.alert = { ...active.alert, value };
    const heldMs = clock.monotonicMs() - active.sinceMs;
    if (active.alert.state === 'pending' && heldMs >= rule.forSecs * 1000) {
      active.alert = { ...active.alert, state: 'firing', firedAt: this.#now() };
      log.warn('an alert fires', { ruleId, severity, value, threshold, description });
    }
  }

  #resolve(ruleId: string): void {
    const active = this.#active.get(ruleId);
    if (active === undefined) return;
    this.#active.delete(ruleId);
    if (active.alert.state === 'pending') return;
    const alert: Alert = { ...active.alert, state: 'resolved', resolvedAt: this.#now() };
    if (this.#history.isFull) this.#history.shift();
    this.#history.push(alert);
    this.#options.log.info('an alert is resolved', { ruleId, alert: alert.id });
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }

  /** The rules of the file; one that cannot be read is logged and left out. */
  #saved(): readonly AlertRule[] {
    const { path, readFile, log } = this.#options;
    const text = path === undefined ? undefined : readFile(path);
    if (text === undefined) return [];
    try {
      const { rules } = JSON.parse(text) as { rules: readonly AlertRule[] };
      for (const rule of rules) new ReadRule(rule);
      return rules;
    } catch (error) {
      log.error('the alert rules that were kept cannot be read', { path, error });
      return [];
    }
  }

  /** Keeps the rules; one write at a time, each with what is so then. */
  #save(): Promise<void> {
    const { path } = this.#options;
    if (path === undefined) return Promise.resolve();
    const write = (): Promise<void> => {
      const rules = this.rules().filter(({ id }) => !this.isBuiltIn(id));
      const text = `${JSON.stringify({ rules }, undefined, 1)}\n`;
      return replaceFile(path, text).catch((cause: Error) => {
        throw RustyError.of('IO_ERROR', { what: `${path}: ${cause.message}` }, { cause });
      });
    };
    const done = this.#saving.then(write);
    this.#saving = done.catch(() => undefined);
    return done;
  }
}
