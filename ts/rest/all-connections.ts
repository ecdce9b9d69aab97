import { RustyError } from '../errors/index.ts';
import type { ConnectionReport } from '../gateway/index.ts';
import type { LaneAnswer, LaneQuestion } from './lane/lane-messages.ts';

/** The connections that a door has on the main thread. */
export interface ConnectionList {
  reports(): readonly ConnectionReport[];
  /** False where it has none of this id. */
  closeConnection(id: string): boolean;
}

/** The connections of all doors, on whatever thread. */
export class AllConnections {
  readonly #lists: readonly ConnectionList[];
  readonly #askLanes: (question: LaneQuestion) => Promise<readonly LaneAnswer[]>;

  /** `lists` are the main thread's; `askLanes` asks all others. */
  constructor(
    lists: readonly ConnectionList[],
    askLanes: (question: LaneQuestion) => Promise<readonly LaneAnswer[]>,
  ) {
    this.#lists = lists;
    this.#askLanes = askLanes;
  }

  async list(): Promise<readonly ConnectionReport[]> {
    const elsewhere = await this.#askLanes({ kind: 'connections' });
    const own = this.#lists.flatMap((list) => list.reports());
    return [...own, ...(elsewhere as readonly ConnectionReport[][]).flat()];
  }

  async get(id: string): Promise<ConnectionReport> {
    const found = (await this.list()).find((one) => one.id === id);
    if (found === undefined) throw RustyError.of('NOT_FOUND', { what: `connection ${id}` });
    return found;
  }

  async close(id: string): Promise<void> {
    if (this.#lists.some((list) => list.closeConnection(id))) return;
    const found = await this.#askLanes({ kind: 'closeConnection', id });
    if (!found.includes(true)) throw RustyError.of('NOT_FOUND', { what: `connection ${id}` });
  }
}
