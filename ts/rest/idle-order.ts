/** A connection that may be closed to make room for another. */
export interface Idling {
  /**
   * Since when the server waits for its client, with nothing of it in work, by the monotonic clock;
   * undefined while something is.
   */
  readonly idleSinceMs: number | undefined;
  destroy(): void;
}

interface Candidate {
  readonly connection: Idling;
  readonly sinceMs: number;
}

/**
 * Finds the connection that has been idle the longest. Keeping them in order would cost every
 * request something; so they are sorted when room is needed, and the order is used up until it is
 * empty: who became idle later than it was made is younger than all that are left in it.
 */
export class IdleOrder {
  readonly #all: () => Iterable<Idling>;
  /** The one that has been idle the longest is last. */
  #candidates: Candidate[] = [];

  /** `all` gives every connection there is now. */
  constructor(all: () => Iterable<Idling>) {
    this.#all = all;
  }

  /** Closes the connection that has been idle the longest; false where none is idle. */
  closeLongest(): boolean {
    if (this.#closeCandidate()) return true;
    this.#candidates = [...this.#all()]
      .map((connection) => ({ connection, sinceMs: connection.idleSinceMs ?? Infinity }))
      .filter(({ sinceMs }) => sinceMs !== Infinity)
      .sort((one, other) => other.sinceMs - one.sinceMs);
    return this.#closeCandidate();
  }

  #closeCandidate(): boolean {
    for (let next = this.#candidates.pop(); next !== undefined; next = this.#candidates.pop()) {
      const { connection, sinceMs } = next;
      if (connection.idleSinceMs !== sinceMs) continue;
      connection.destroy();
      return true;
    }
    return false;
  }
}
