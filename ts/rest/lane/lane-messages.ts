// What the main thread's HTTP door and the lanes of front threads say to each other.
import type { SlowStatement, StatementTotals } from '../../services/monitoring/statement-stats.ts';
import type { ActiveQuery } from '../../services/query-service.ts';

/** From a lane to the main thread. */
export interface FromLane {
  /** A connection that is not for the lane, with bytes that are to be read again. */
  readonly kind: 'adopt';
  readonly descriptor: number;
  readonly bytes: Uint8Array;
}

/** What lanes are asked. */
export type LaneQuestion =
  | { readonly kind: 'list' }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'statements' };

/** What a thread's statements have cost. */
export interface LaneStatements {
  readonly totals: readonly StatementTotals[];
  readonly slow: readonly SlowStatement[];
}

/** The statements that run; whether the statement was one of them; what they have cost. */
export type LaneAnswer = readonly ActiveQuery[] | boolean | LaneStatements;
