/**
 * Buffers that the engine writes answers into. One comes back as soon as the kernel has taken what
 * is in it; one that a slow reader's socket keeps is left to the garbage collector, as are those
 * beyond `keep` idle ones. How many are out is bounded by the connections: a step is made only when
 * the socket has room.
 */
export class SlabPool {
  readonly #idle: Buffer[] = [];
  readonly #slabBytes: number;
  readonly #keep: number;

  constructor(slabBytes: number, keep: number) {
    this.#slabBytes = slabBytes;
    this.#keep = keep;
  }

  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#slabBytes);
  }

  give(slab: Buffer): void {
    if (this.#idle.length < this.#keep) this.#idle.push(slab);
  }
}
