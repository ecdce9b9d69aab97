import { RustyError } from '../errors/index.ts';
import type {
  LeakReport,
  Partition,
  PartitionReport,
  PoolControl,
  PoolOptions,
  PoolStatistics,
  SlotReport,
  WaiterReport,
} from '../native/index.ts';

/** The one pool's name. */
export const POOL_ID = 'default';

/** Where the pool's settings are kept. */
export interface PoolSettings {
  current(): PoolOptions;
  /** Puts settings into force; throws, and nothing has changed, where they contradict each other. */
  change(settings: Partial<PoolOptions>): void | Promise<void>;
}

export interface PoolServiceOptions {
  readonly control: PoolControl;
  readonly settings: PoolSettings;
}

export interface PoolReport {
  readonly id: string;
  readonly state: 'running' | 'paused';
  readonly settings: PoolOptions;
  readonly statistics: PoolStatistics;
}

/** The pool as operators see and change it, whatever door they come by. */
export class PoolService {
  readonly #control: PoolControl;
  readonly #settings: PoolSettings;

  constructor({ control, settings }: PoolServiceOptions) {
    this.#control = control;
    this.#settings = settings;
  }

  list(): readonly PoolReport[] {
    return [this.get(POOL_ID)];
  }

  /** NOT_FOUND where there is none. */
  get(id: string): PoolReport {
    this.#check(id);
    const statistics = this.#control.statistics();
    return { id, state: statistics.state, settings: this.#settings.current(), statistics };
  }

  async change(id: string, settings: Partial<PoolOptions>): Promise<PoolReport> {
    this.#check(id);
    await this.#settings.change(settings);
    return this.get(id);
  }

  /** Gives out no slots until `resume`; slots end as they come back. */
  drain(id: string): PoolReport {
    this.#check(id);
    this.#control.drain();
    return this.get(id);
  }

  pause(id: string): PoolReport {
    this.#check(id);
    this.#control.pause();
    return this.get(id);
  }

  resume(id: string): PoolReport {
    this.#check(id);
    this.#control.resume();
    return this.get(id);
  }

  recycle(id: string): PoolReport {
    this.#check(id);
    this.#control.recycle();
    return this.get(id);
  }

  partitions(id: string): readonly PartitionReport[] {
    this.#check(id);
    return this.#control.partitions();
  }

  partition(id: string, name: string): PartitionReport {
    const found = this.partitions(id).find((one) => one.name === name);
    if (found === undefined) throw RustyError.of('NOT_FOUND', { what: `partition "${name}"` });
    return found;
  }

  /** ALREADY_EXISTS where there is one of the name. */
  createPartition(id: string, partition: Partition): PartitionReport {
    if (this.partitions(id).some(({ name }) => name === partition.name)) {
      throw RustyError.of('ALREADY_EXISTS', { what: `partition "${partition.name}"` });
    }
    this.#control.setPartition(partition);
    return this.partition(id, partition.name);
  }

  changePartition(id: string, name: string, change: Partial<Partition>): PartitionReport {
    const { minSize, maxSize, maxWaitQueueSize, mayBorrow, lends } = this.partition(id, name);
    const before = { name, minSize, maxSize, maxWaitQueueSize, mayBorrow, lends };
    this.#control.setPartition({ ...before, ...change });
    return this.partition(id, name);
  }

  /** OBJECT_IN_USE for the partition that there must be. */
  dropPartition(id: string, name: string): void {
    this.partition(id, name);
    if (this.#control.dropPartition(name)) return;
    throw RustyError.ofSqlstate('55006', `partition "${name}" is for all who have no other`);
  }

  waiters(id: string): readonly WaiterReport[] {
    this.#check(id);
    return this.#control.waiters();
  }

  clearWaiters(id: string): number {
    this.#check(id);
    return this.#control.clearWaiters();
  }

  leaks(id: string): readonly LeakReport[] {
    this.#check(id);
    return this.#control.leaks();
  }

  clearLeaks(id: string): number {
    this.#check(id);
    return this.#control.clearLeaks();
  }

  slots(): readonly SlotReport[] {
    return this.#control.slots();
  }

  slot(id: number): SlotReport {
    const found = this.slots().find((one) => one.id === id);
    if (found === undefined) throw RustyError.of('NOT_FOUND', { what: `pool connection ${id}` });
    return found;
  }

  /** Ends the session that has the slot. OBJECT_IN_USE where none is known. */
  closeSlot(id: number): void {
    const { processId } = this.slot(id);
    if (processId !== null && this.#control.endSession(processId)) return;
    throw RustyError.ofSqlstate('55000', `no session runs in pool connection ${id}`);
  }

  #check(id: string): void {
    if (id !== POOL_ID) throw RustyError.of('NOT_FOUND', { what: `pool "${id}"` });
  }
}
