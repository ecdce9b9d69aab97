import { availableParallelism } from 'node:os';
import type { Config } from '../config/index.ts';
import type { Logger } from '../monitoring/index.ts';
import type { Clock } from '../util/clock.ts';
import { FrontThreads } from './front-threads.ts';
import { SqlListener } from './sql-listener.ts';

/**
 * Where the configuration does not say there is one thread more than cores, for the kernel divides
 * connections by chance and one more evens that out; at most so many.
 */
const FRONT_THREADS_MAX = 8;
/** Front threads wait for this long, so that the server is ready before they take its cores. */
const FRONT_DELAY_MS = 20;

export interface SqlDoorOptions {
  readonly engineHandle: number;
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Only Linux divides the connections of a shared port. */
function frontThreadsOf({ network }: Config): number {
  if (process.platform !== 'linux') return 1;
  const { frontThreads } = network;
  return frontThreads > 0 ? frontThreads : Math.min(availableParallelism() + 1, FRONT_THREADS_MAX);
}

/** The SQL port on all of its threads. */
export class SqlDoor {
  readonly #options: SqlDoorOptions;
  readonly #threads: number;
  readonly #listener: SqlListener;
  #fronts: FrontThreads | undefined;

  constructor(options: SqlDoorOptions) {
    const { engineHandle, config, log, clock } = options;
    this.#options = options;
    this.#threads = frontThreadsOf(config);
    this.#listener = new SqlListener({
      engineHandle,
      config: config.network,
      log,
      clock,
      sharesPort: this.#threads > 1,
    });
  }

  /** Connections that are open. */
  get size(): number {
    return this.#listener.size + (this.#fronts?.size ?? 0);
  }

  /** Listens; answers the port. */
  async listen(): Promise<number> {
    const { engineHandle, config, log, clock } = this.#options;
    if (this.#threads > 1) await this.#listener.checkPortIsFree();
    const port = await this.#listener.listen();
    this.#fronts = new FrontThreads(
      { count: this.#threads - 1, delayMs: FRONT_DELAY_MS },
      {
        engineHandle,
        network: { ...config.network, port, unixSocket: undefined },
        log: { level: config.monitoring.logLevel, format: config.monitoring.logFormat },
      },
      log,
      clock,
    );
    return port;
  }

  /** Accepts no more. Idle clients are told at once; a statement that runs may end first. */
  stop(): void {
    this.#listener.stopAccepting();
    this.#listener.terminateAll();
    this.#fronts?.drain();
  }

  destroyAll(): void {
    this.#listener.destroyAll();
    this.#fronts?.cut();
  }

  close(): void {
    this.#listener.stopAccepting();
    this.#listener.close();
  }
}
