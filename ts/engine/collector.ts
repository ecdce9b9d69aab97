import { RustyError } from '../errors/index.ts';
import type { TakeBytes } from './driver.ts';

/** Puts an answer together that is wanted whole; one that grows over `maxBytes` is refused. */
export class Collector {
  readonly #parts: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = Number.POSITIVE_INFINITY) {
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

  bytes(): Buffer {
    return this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}
