import { MessageChannel } from 'node:worker_threads';

/**
 * Keeps the thread's event loop alive while something is held: work that native threads do does not
 * do so by itself.
 */
export class KeepAlive {
  readonly #port = new MessageChannel().port1;
  #held = 0;

  constructor() {
    this.#port.on('message', () => undefined);
    this.#port.unref();
  }

  hold(): void {
    if (this.#held === 0) this.#port.ref();
    this.#held += 1;
  }

  release(): void {
    this.#held -= 1;
    if (this.#held === 0) this.#port.unref();
  }

  close(): void {
    this.#port.close();
  }
}
