/**
 * Buffers that the engine writes answers into. One goes with each write to a socket and comes back
 * when the socket is done with it. Beyond `keep` idle ones, a slab that comes back is left to the
 * garbage collector: how many are out is bounded by the connections, one write each.
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
