/**
 * What a statement reads, so that an interrupt ends a wait for more: a client that has stopped
 * sending must not hold it.
 */
export class InterruptibleInput implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #reject: ((reason: unknown) => void) | undefined;
  #interrupt: { readonly reason: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The reader gets the reason instead of bytes, now and later. */
  interrupt(reason: unknown): void {
    this.#interrupt ??= { reason };
    this.#reject?.(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const interrupt = this.#interrupt;
    if (interrupt !== undefined) return Promise.reject(interrupt.reason);
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#iterator.next().then(resolve, reject);
    });
  }
}
