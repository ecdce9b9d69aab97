import type { AuditEvent } from '../audit/index.ts';
import type { Config } from '../config/index.ts';
import type { ConnectionReport, DoorPolicy } from '../gateway/index.ts';
import type { Logger } from '../monitoring/index.ts';
import type { Clock } from '../util/clock.ts';
import { SqlListener } from './sql-listener.ts';

export interface SqlDoorOptions {
  readonly engineHandle: number;
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  /** Front threads listen on the port too. */
  readonly sharesPort: boolean;
  /** The audit log. */
  readonly record: (event: AuditEvent) => void;
  readonly policy: DoorPolicy;
}

/** The SQL port on the main thread. */
export class SqlDoor {
  readonly #listener: SqlListener;
  readonly #sharesPort: boolean;
  #port = 0;

  constructor(options: SqlDoorOptions) {
    const { engineHandle, config, log, clock, sharesPort, policy, record } = options;
    this.#sharesPort = sharesPort;
    this.#listener = new SqlListener({
      engineHandle,
      config: config.network,
      log,
      clock,
      sharesPort,
      record,
      thread: 0,
      policy,
    });
  }

  /** The configuration has changed. */
  configure({ network }: Config): void {
    this.#listener.configure(network);
  }

  /** The one that was bound. */
  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get size(): number {
    return this.#listener.size;
  }

  /** The connections of the main thread. */
  reports(): readonly ConnectionReport[] {
    return this.#listener.reports();
  }

  /** See `SqlListener.closeConnection`. */
  closeConnection(id: string): boolean {
    return this.#listener.closeConnection(id);
  }

  /** Listens; answers the port. */
  async listen(): Promise<number> {
    if (this.#sharesPort) await this.#listener.checkPortIsFree();
    this.#port = await this.#listener.listen();
    return this.#port;
  }

  /** Accepts no more. Idle clients are told at once; a statement that runs may end first. */
  stop(): void {
    this.#listener.stopAccepting();
    this.#listener.terminateAll();
  }

  destroyAll(): void {
    this.#listener.destroyAll();
  }

  close(): void {
    this.#listener.stopAccepting();
    this.#listener.close();
  }
}
