import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { BoundedQueue } from '../util/bounded-queue.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { Logger } from './logger.ts';
import type { SpanCounts } from './span-counts.ts';

/** Spans that wait for the receiver; further ones are dropped. */
const WAITING_MAX = 8192;
/** Of one export. */
const BATCH_MAX = 512;
/** Spans that come together go out together. */
const GATHER_MS = 500;

export interface SpanQueueOptions {
  readonly exporter: SpanExporter;
  readonly counts: SpanCounts;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Hands ended spans to the exporter, in batches, one at a time; what became of each is counted. */
export class SpanQueue implements SpanProcessor {
  readonly #options: SpanQueueOptions;
  readonly #waiting = new BoundedQueue<ReadableSpan>({ name: 'spans', cap: WAITING_MAX });
  #timer: Timer | undefined;
  #exporting: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (!this.#waiting.push(span)) this.#options.counts.countDropped();
    this.#timer ??= this.#options.clock.after(GATHER_MS, () => void this.forceFlush());
  }

  /** Exports what there is. */
  forceFlush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#exporting ??= this.#exportAll().finally(() => {
      this.#exporting = undefined;
    });
    return this.#exporting;
  }

  async shutdown(): Promise<void> {
    await this.#exporting;
    await this.forceFlush();
    await this.#options.exporter.shutdown();
  }

  async #exportAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch: ReadableSpan[] = [];
      while (batch.length < BATCH_MAX) {
        const span = this.#waiting.shift();
        if (span === undefined) break;
        batch.push(span);
      }
      await this.#exportBatch(batch);
    }
  }

  async #exportBatch(batch: ReadableSpan[]): Promise<void> {
    const { exporter, counts, log } = this.#options;
    const result = await new Promise<ExportResult>((resolve) => exporter.export(batch, resolve));
    const isDone = result.code === ExportResultCode.SUCCESS;
    if (isDone) counts.countExported(batch.length);
    else counts.countFailed(batch.length);
    if (!isDone && !this.#isFailing) {
      log.warn('spans could not be exported', { error: result.error?.message });
    }
    this.#isFailing = !isDone;
  }
}
