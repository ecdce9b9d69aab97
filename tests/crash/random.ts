/** A seeded generator: SplitMix64 (Steele, Lea, Flood, 2014) in 64-bit integers. */
export class Random {
  #state: bigint;

  constructor(seed: number) {
    this.#state = BigInt.asUintN(64, BigInt(seed));
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) % BigInt(limit));
  }

  /** True once in `oneIn` times on average. */
  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }
}
