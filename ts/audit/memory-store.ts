import { BoundedQueue } from '../util/bounded-queue.ts';
import { CHAIN_START } from './audit-record.ts';
import type { AuditStore, FoundChain } from './audit-store.ts';

/** Records that are kept; the oldest go. */
const RECORDS_MAX = 10_000;

/** The audit log of a server that keeps everything in memory. */
export class MemoryStore implements AuditStore {
  readonly #lines = new BoundedQueue<string>({ name: 'audit_records', cap: RECORDS_MAX });

  async open(): Promise<FoundChain> {
    return { end: CHAIN_START, torn: undefined };
  }

  needsSegment(): undefined {
    return undefined;
  }

  outdated(): readonly string[] {
    return [];
  }

  async beginSegment(): Promise<void> {}

  async append(lines: string): Promise<void> {
    for (const line of lines.trimEnd().split('\n')) {
      if (this.#lines.isFull) this.#lines.shift();
      this.#lines.push(line);
    }
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}

  async *newestFirst(): AsyncGenerator<string> {
    yield* this.#lines.entries().toReversed();
  }
}
