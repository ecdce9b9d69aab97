import { RustyError } from '../errors/index.ts';
import type { ActiveQuery, QueryService } from '../services/query-service.ts';
import type { LaneAnswer, LaneQuestion } from './lane/lane-messages.ts';

/** The statements that run, on whatever thread. */
export class AllQueries {
  readonly #queries: QueryService;
  readonly #askLanes: (question: LaneQuestion) => Promise<readonly LaneAnswer[]>;

  /** `queries` are this thread's; `askLanes` asks all others. */
  constructor(
    queries: QueryService,
    askLanes: (question: LaneQuestion) => Promise<readonly LaneAnswer[]>,
  ) {
    this.#queries = queries;
    this.#askLanes = askLanes;
  }

  async list(): Promise<readonly ActiveQuery[]> {
    const elsewhere = await this.#askLanes({ kind: 'list' });
    return [...this.#queries.list(), ...(elsewhere as readonly ActiveQuery[][]).flat()];
  }

  async cancel(id: string): Promise<void> {
    if (this.#queries.cancel(id)) return;
    const found = await this.#askLanes({ kind: 'cancel', id });
    if (!found.includes(true)) throw RustyError.of('NOT_FOUND', { what: `query ${id}` });
  }
}
