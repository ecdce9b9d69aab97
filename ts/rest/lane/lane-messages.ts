// What the main thread's HTTP door and the lanes of front threads say to each other.
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
  | { readonly kind: 'cancel'; readonly id: string };

/** The statements that run; whether the statement was one of them. */
export type LaneAnswer = readonly ActiveQuery[] | boolean;
