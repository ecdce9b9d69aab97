import * as addon from './addon.ts';
import { callNative } from './native-error.ts';
import { type PoolOptions, type PoolStatistics, SlotPool } from './slot-pool.ts';

/** A part of the pool with slots of its own. What is null has no limit. */
export interface Partition {
  readonly name: string;
  /** Slots that are kept for it. */
  readonly minSize: number;
  /** Slots that it may use. */
  readonly maxSize: number | null;
  readonly maxWaitQueueSize: number | null;
  /** It may use more than `maxSize` while nobody else wants what is idle. */
  readonly mayBorrow: boolean;
  /** Others may use what is kept for it while none of its clients waits. */
  readonly lends: boolean;
}

export interface PartitionReport extends Partition {
  readonly active: number;
  readonly waiting: number;
  readonly granted: number;
  readonly waited: number;
  readonly refused: number;
  readonly timedOut: number;
  readonly borrowed: number;
  readonly activeMax: number;
  readonly waitingMax: number;
}

export interface SlotReport {
  readonly id: number;
  readonly state: 'idle' | 'active' | 'validating' | 'recycling' | 'creating' | 'closed';
  readonly partition: string;
  /** Of the session that has it. */
  readonly processId: number | null;
  readonly ageMs: number;
  /** Since it changed hands. */
  readonly sinceMs: number;
  readonly uses: number;
}

export interface WaiterReport {
  readonly partition: string;
  /** 1 is served next. */
  readonly position: number;
  readonly priority: 'critical' | 'high' | 'normal' | 'low';
  readonly processId: number | null;
  readonly waitedMs: number;
  /** Until it is refused; null: never. */
  readonly remainingMs: number | null;
  /** Null where too little was seen to say. */
  readonly expectedMs: number | null;
}

export interface LeakReport {
  readonly slot: number;
  readonly processId: number | null;
  readonly heldMs: number;
  /** Since 1970. */
  readonly reportedMs: number;
  readonly wasReclaimed: boolean;
  readonly user: string;
  readonly application: string;
  readonly clientAddress: string;
  readonly query: string;
  readonly state: string;
  readonly idleMs: number;
}

type Report = 'statistics' | 'partitions' | 'slots' | 'waiters' | 'leaks';
type Action = 'pause' | 'resume' | 'drain' | 'recycle' | 'clear_waiters' | 'clear_leaks';

/** What operators see of the pool of an engine, and do to it. */
export class PoolControl {
  readonly #engineHandle: number;

  /** `engineHandle` is `Engine.handle`. */
  constructor(engineHandle: number) {
    this.#engineHandle = engineHandle;
  }

  statistics(): PoolStatistics {
    return this.#report('statistics');
  }

  partitions(): readonly PartitionReport[] {
    return this.#report('partitions');
  }

  slots(): readonly SlotReport[] {
    return this.#report('slots');
  }

  /** Who is served next first, by partition. */
  waiters(): readonly WaiterReport[] {
    return this.#report('waiters');
  }

  /** Slots that were held too long, the oldest report first. */
  leaks(): readonly LeakReport[] {
    return this.#report('leaks');
  }

  /** Takes on new settings at once. 22023 where they contradict each other. */
  configure(options: PoolOptions): void {
    SlotPool.configure(this.#engineHandle, options);
  }

  /** Gives out no more slots: who waits goes on waiting, and its time stands still. */
  pause(): void {
    this.#do('pause');
  }

  resume(): void {
    this.#do('resume');
  }

  /** Pauses, and closes slots as they come back. */
  drain(): void {
    this.#do('drain');
  }

  /** Makes all slots anew: idle ones at once, those in use as they come back. */
  recycle(): void {
    this.#do('recycle');
  }

  /** Refuses all who wait; their number. */
  clearWaiters(): number {
    return this.#do('clear_waiters');
  }

  /** Forgets reports; their number. */
  clearLeaks(): number {
    return this.#do('clear_leaks');
  }

  /** Makes a partition, or changes the one of that name. 22023 where it cannot be. */
  setPartition({ maxSize, maxWaitQueueSize, ...partition }: Partition): void {
    const limits = {
      ...(maxSize === null ? {} : { maxSize }),
      ...(maxWaitQueueSize === null ? {} : { maxWaitQueueSize }),
    };
    callNative(() => addon.poolSetPartition(this.#engineHandle, { ...partition, ...limits }));
  }

  /** False where there is none of the name, or it is the one that must be. */
  dropPartition(name: string): boolean {
    return callNative(() => addon.poolDropPartition(this.#engineHandle, name));
  }

  /** Ends a session, and what it runs; false where there is none of that number. */
  endSession(processId: number): boolean {
    return callNative(() => addon.poolEndSession(this.#engineHandle, processId));
  }

  #report<T>(what: Report): T {
    return JSON.parse(callNative(() => addon.poolReport(this.#engineHandle, what)));
  }

  #do(action: Action): number {
    return callNative(() => addon.poolControl(this.#engineHandle, action));
  }
}
