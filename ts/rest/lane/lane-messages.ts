// What the main thread's HTTP door and the lanes of front threads say to each other.
import type { ConnectionOrigin, ConnectionReport, DoorRules } from '../../gateway/index.ts';
import type { SlowStatement, StatementTotals } from '../../services/monitoring/statement-stats.ts';
import type { ActiveQuery } from '../../services/query-service.ts';

/** From a lane to the main thread. */
export type FromLane =
  /** A connection that is not for the lane, with bytes that are to be read again. */
  | {
      readonly kind: 'adopt';
      readonly descriptor: number;
      readonly bytes: Uint8Array;
      readonly origin: ConnectionOrigin;
    }
  /** Connections are too many, and none of the lane's is idle. */
  | { readonly kind: 'makeRoom' };

/** From the main thread to a lane. */
export type ToLane =
  /** Connections are too many. */
  | { readonly kind: 'makeRoom' }
  /** What new connections are judged by. */
  | { readonly kind: 'rules'; readonly rules: DoorRules };

/** What lanes are asked. */
export type LaneQuestion =
  | { readonly kind: 'list' }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'connections' }
  | { readonly kind: 'closeConnection'; readonly id: string }
  | { readonly kind: 'statements' };

/** What a thread's statements have cost. */
export interface LaneStatements {
  readonly totals: readonly StatementTotals[];
  readonly slow: readonly SlowStatement[];
}

/**
 * The statements that run, or the connections; whether the one that was named was among them; what
 * statements have cost.
 */
export type LaneAnswer =
  | readonly ActiveQuery[]
  | readonly ConnectionReport[]
  | boolean
  | LaneStatements;
