// The one audit log of a process: who did what, in a chain that shows what was changed later.
//
// `record` never waits and never throws: events go into a bounded queue. One loop takes them out in
// batches, gives each its number and its link, and writes them; the disk is told to keep them at an
// interval. What a full queue drops is counted, logged and recorded in the chain once there is room.
// A batch that could not be written (a full disk) is kept, as it is, and tried again: the chain has no
// hole. What had not been written when the process was killed is lost, as anything in memory.
import type { Config } from '../config/index.ts';
import type { Logger } from '../monitoring/index.ts';
import { BoundedQueue } from '../util/bounded-queue.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Fill } from '../util/fill.ts';
import { type AuditEvent, type ChainEnd, sealRecord } from './audit-record.ts';
import type { AuditStore } from './audit-store.ts';
import type { TornEnd } from './segments.ts';

/** Events of one write. */
const BATCH_MAX = 500;
/** How long after a failure to write it is tried again. */
const RETRY_MS = 1000;
/** Events that come together are written together. */
const GATHER_MS = 5;

export interface AuditLogOptions {
  readonly store: AuditStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Read at each use: it may change. */
  readonly config: () => Config['audit'];
  /** The position of the database's log, where it is known. */
  readonly position?: () => string | undefined;
}

interface Seen {
  readonly event: AuditEvent;
  readonly atMs: number;
  readonly position: string | undefined;
}

/** Numbers of an audit log. */
export interface AuditCounts {
  readonly recorded: number;
  readonly dropped: number;
  readonly failures: number;
}

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #queue: BoundedQueue<Seen>;
  readonly #log: Logger;
  #end: ChainEnd | undefined;
  /** Taken out of the queue, and not written yet. */
  #batch: readonly Seen[] = [];
  #recorded = 0;
  #dropped = 0;
  /** Of the drops those that the chain does not have yet. */
  #droppedUnsaid = 0;
  #failures = 0;
  #isFailing = false;
  #writing: Promise<void> | undefined;
  #timer: Timer | undefined;
  #syncTimer: Timer | undefined;
  #isClosed = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#log = options.log.child('audit');
    const cap = options.config().maxQueued;
    this.#queue = new BoundedQueue({ name: 'audit_queue', cap });
  }

  get counts(): AuditCounts {
    return { recorded: this.#recorded, dropped: this.#dropped, failures: this.#failures };
  }

  /** Whether requests are recorded too. */
  get recordsRequests(): boolean {
    return this.#options.config().requests;
  }

  fill(): Fill {
    return this.#queue.fill();
  }

  /** Finds the end of the chain now, so that the first event need not wait for that. */
  begin(): void {
    void this.#write();
  }

  /** Takes an event in; drops it where too many wait already. */
  record(event: AuditEvent): void {
    if (this.#isClosed) return;
    const { clock, position } = this.#options;
    if (!this.#queue.push({ event, atMs: clock.wallMs(), position: position?.() })) {
      if (this.#droppedUnsaid === 0) this.#log.error('records of the audit log are dropped');
      this.#dropped += 1;
      this.#droppedUnsaid += 1;
      return;
    }
    this.#timer ??= clock.after(GATHER_MS, () => void this.#write());
  }

  /** Events that another thread could not hand over. */
  countDropped(count: number): void {
    this.#dropped += count;
    this.#droppedUnsaid += count;
    this.#timer ??= this.#options.clock.after(GATHER_MS, () => void this.#write());
  }

  /** Lines of records, the newest first, with all that was recorded before the call. */
  async *newestFirst(): AsyncGenerator<string> {
    await this.#write();
    yield* this.#options.store.newestFirst();
  }

  /** Writes all that waits, once; what cannot be written is lost. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#syncTimer?.cancel();
    await this.#writing;
    await this.#write();
    try {
      await this.#options.store.sync();
      await this.#options.store.close();
    } catch (error) {
      this.#log.error('the audit log was not closed', { error });
    }
  }

  /** One write at a time; who comes meanwhile waits for another round. */
  async #write(): Promise<void> {
    await this.#writing;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { clock } = this.#options;
    try {
      if (this.#end === undefined) await this.#open();
      for (;;) {
        if (this.#batch.length === 0) this.#batch = this.#takeBatch();
        if (this.#batch.length === 0) break;
        await this.#append(this.#batch);
        this.#batch = [];
        await this.#syncSoon();
      }
      if (this.#isFailing) this.#log.info('the audit log is written again');
      this.#isFailing = false;
    } catch (error) {
      this.#failures += 1;
      if (!this.#isFailing) this.#log.error('the audit log cannot be written', { error });
      this.#isFailing = true;
      if (!this.#isClosed) this.#timer = clock.after(RETRY_MS, () => void this.#write());
    }
  }

  async #open(): Promise<void> {
    const { end, torn } = await this.#options.store.open();
    if (torn === undefined) {
      this.#end = end;
      return;
    }
    this.#log.warn('the audit log ends in a write that a crash cut off', { torn });
    await this.#beginSegment(end, 'recovered', torn);
  }

  #takeBatch(): readonly Seen[] {
    const batch: Seen[] = [];
    while (batch.length < BATCH_MAX) {
      const seen = this.#queue.shift();
      if (seen === undefined) break;
      batch.push(seen);
    }
    if (this.#droppedUnsaid > 0) {
      const metadata = { count: this.#droppedUnsaid };
      batch.push(this.#own({ action: 'records_dropped', result: 'failure', metadata }));
      this.#droppedUnsaid = 0;
    }
    return batch;
  }

  /** Appends a batch, behind a new segment's own record where the last segment is full. */
  async #append(batch: readonly Seen[]): Promise<void> {
    const { store } = this.#options;
    let sealed = sealAll(batch, this.#chainEnd());
    const why = store.needsSegment(Buffer.byteLength(sealed.lines));
    if (why !== undefined) {
      await this.#beginSegment(this.#chainEnd(), why);
      sealed = sealAll(batch, this.#chainEnd());
    }
    await store.append(sealed.lines);
    this.#end = sealed.end;
    this.#recorded += batch.length;
  }

  async #beginSegment(after: ChainEnd, reason: string, torn?: TornEnd): Promise<void> {
    const { store } = this.#options;
    const removed = store.outdated();
    const metadata = {
      reason,
      ...(torn === undefined ? {} : { torn }),
      ...(removed.length === 0 ? {} : { removed }),
    };
    const own = this.#own({ action: 'segment_begun', result: 'success', metadata });
    const { lines, end } = sealAll([own], after);
    await store.beginSegment(end.seq, lines);
    this.#end = end;
    this.#recorded += 1;
  }

  #own(event: Omit<AuditEvent, 'type'>): Seen {
    const { clock, position } = this.#options;
    return {
      event: { type: 'audit', ...event },
      atMs: clock.wallMs(),
      position: position?.(),
    };
  }

  #chainEnd(): ChainEnd {
    if (this.#end === undefined) throw new Error('the audit log is not open');
    return this.#end;
  }

  async #syncSoon(): Promise<void> {
    const { store, clock, config } = this.#options;
    const { syncIntervalMs } = config();
    if (syncIntervalMs === 0) {
      await store.sync();
      return;
    }
    this.#syncTimer ??= clock.after(syncIntervalMs, () => {
      this.#syncTimer = undefined;
      store.sync().catch((error: unknown) => {
        this.#failures += 1;
        this.#log.error('the audit log was not synced', { error });
      });
    });
  }
}

/** The lines of a batch behind the end of a chain, and its new end. */
function sealAll(batch: readonly Seen[], after: ChainEnd): { lines: string; end: ChainEnd } {
  let end = after;
  const lines = batch.map(({ event, atMs, position }) => {
    const sealed = sealRecord(event, end, { timestamp: new Date(atMs).toISOString(), position });
    end = sealed.end;
    return `${sealed.line}\n`;
  });
  return { lines: lines.join(''), end };
}
