// What statements cost, text by text, and the slow ones: of those that came by one thread's HTTP lane.
// The SQL door's are the engine's to count.
import type { Logger } from '../../monitoring/index.ts';
import { redactText } from '../../monitoring/index.ts';
import type { StatementDurations } from '../../monitoring/statement-durations.ts';
import { type StatementType, statementType } from '../../monitoring/statement-types.ts';
import { BoundedMap } from '../../util/bounded-map.ts';
import { BoundedQueue } from '../../util/bounded-queue.ts';
import type { EndedStatement, StatementObserver } from '../query-service.ts';

/** Texts that are told apart; the one that did not come for longest goes. */
const TEXTS_MAX = 1000;
/** Texts are told apart by so much of them. */
const TEXT_MAX_CHARACTERS = 2000;
const SLOW_MAX = 500;
/** Of a slow statement's text. */
const SHOWN_MAX_CHARACTERS = 1000;

/** All runs of one text. */
export interface StatementTotals {
  readonly sql: string;
  readonly type: StatementType;
  readonly calls: number;
  readonly failures: number;
  readonly totalMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** One run that took longer than `monitoring.slow_query_ms`. */
export interface SlowStatement {
  readonly queryId: string;
  readonly sql: string;
  readonly user: string;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly failed: boolean;
}

interface Totals {
  readonly type: StatementType;
  calls: number;
  failures: number;
  totalMs: number;
  minMs: number;
  maxMs: number;
}

export interface StatementStatsOptions {
  readonly durations: StatementDurations;
  readonly log: Logger;
  readonly slowMs: number;
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** The statements of one thread. */
export class StatementStats implements StatementObserver {
  /** Statements that take longer are slow: `monitoring.slow_query_ms`, which is live. */
  slowMs: number;
  readonly #durations: StatementDurations;
  readonly #log: Logger;
  readonly #texts = new BoundedMap<string, Totals>({
    name: 'statement_texts',
    cap: TEXTS_MAX,
    whenFull: 'evict-least-recent',
  });
  readonly #slow = new BoundedQueue<SlowStatement>({ name: 'slow_statements', cap: SLOW_MAX });

  constructor({ durations, log, slowMs }: StatementStatsOptions) {
    this.#durations = durations;
    this.#log = log;
    this.slowMs = slowMs;
  }

  ended(statement: EndedStatement): void {
    const { sql, durationMs, failed } = statement;
    const text = sql.length > TEXT_MAX_CHARACTERS ? sql.slice(0, TEXT_MAX_CHARACTERS) : sql;
    let totals = this.#texts.get(text);
    if (totals === undefined) {
      const none = { calls: 0, failures: 0, totalMs: 0, minMs: durationMs, maxMs: 0 };
      totals = { type: statementType(sql), ...none };
      this.#texts.set(text, totals);
    }
    totals.calls += 1;
    if (failed) totals.failures += 1;
    totals.totalMs += durationMs;
    if (durationMs < totals.minMs) totals.minMs = durationMs;
    if (durationMs > totals.maxMs) totals.maxMs = durationMs;
    this.#durations.add(totals.type, durationMs / 1000);
    if (durationMs >= this.slowMs) this.#keepSlow(statement);
  }

  /** Passwords in them are redacted. */
  totals(): readonly StatementTotals[] {
    return [...this.#texts.entries()].map(([sql, totals]) => ({
      sql: redactText(sql),
      ...totals,
      totalMs: rounded(totals.totalMs),
      minMs: rounded(totals.minMs),
      maxMs: rounded(totals.maxMs),
    }));
  }

  /** The oldest first. */
  slow(): readonly SlowStatement[] {
    return this.#slow.entries();
  }

  #keepSlow({ queryId, sql, user, startedWallMs, durationMs, failed }: EndedStatement): void {
    const slow: SlowStatement = {
      queryId,
      sql: redactText(sql.slice(0, SHOWN_MAX_CHARACTERS)),
      user,
      startedAt: new Date(startedWallMs).toISOString(),
      durationMs: rounded(durationMs),
      failed,
    };
    if (this.#slow.isFull) this.#slow.shift();
    this.#slow.push(slow);
    this.#durations.countSlow();
    this.#log.warn('a slow statement', { ...slow });
  }
}

/** The totals of several threads, text by text. */
export function addTotals(all: readonly StatementTotals[]): readonly StatementTotals[] {
  const groups = Object.groupBy(all, ({ sql }) => sql);
  return Object.values(groups).flatMap((group = []) => {
    const [first] = group;
    if (first === undefined) return [];
    const sum = (of: (one: StatementTotals) => number): number =>
      group.reduce((total, one) => total + of(one), 0);
    return [
      {
        ...first,
        calls: sum(({ calls }) => calls),
        failures: sum(({ failures }) => failures),
        totalMs: rounded(sum(({ totalMs }) => totalMs)),
        minMs: Math.min(...group.map(({ minMs }) => minMs)),
        maxMs: Math.max(...group.map(({ maxMs }) => maxMs)),
      },
    ];
  });
}
