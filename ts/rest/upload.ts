/** What a client still sends after its import has failed is read and dropped, up to this much. */
const DISCARDED_BYTES_MAX = 1024 * 1024 * 1024;

/**
 * A body that is read as it comes. A client that hears of a fault only once it has sent all must be
 * listened to until then: one whose connection is cut gets no answer.
 */
export class Upload implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #isDone = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() };
  }

  /** Reads the rest and drops it; a client that leaves ends that too. */
  async discard(): Promise<void> {
    let bytes = 0;
    try {
      while (!this.#isDone && bytes < DISCARDED_BYTES_MAX) {
        const { value } = await this.#next();
        bytes += value?.length ?? 0;
      }
    } catch {
      // The client is gone: nobody waits for an answer.
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const next = await this.#iterator.next();
    this.#isDone = next.done === true;
    return next;
  }
}
