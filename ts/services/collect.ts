import type { TakeBytes } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';

/** Puts an answer together that is wanted whole; one that grows over `maxBytes` is refused. */
export class Collector {
  readonly #parts: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  readonly take: TakeBytes = (bytes) => {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) {
      throw RustyError.of('RESOURCE_EXHAUSTED', {
        what: 'the room for an answer that cannot be streamed',
        limit: `${this.#maxBytes} bytes`,
      });
    }
    this.#parts.push(Buffer.from(bytes));
  };

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}
