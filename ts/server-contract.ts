import type { Config, ConfigStore } from './config/index.ts';
import type { Logger, LogRing } from './monitoring/index.ts';

/** The ports that a running server accepts connections on. */
export interface ServerPorts {
  readonly sql: number;
  readonly http?: number;
  readonly metrics?: number;
}

/** A server whose listeners all accept. */
export interface RunningServer {
  readonly ports: ServerPorts;
  /** Absolute, or `:memory:`. */
  readonly dataPath: string;
  /**
   * Stops accepting, lets statements finish for at most `network.shutdown_timeout`, checkpoints and
   * closes the engine. Idempotent: a second call answers with the first one's promise.
   */
  close(): Promise<void>;
}

/** What a server has of the program that runs it. */
export interface ServerParts {
  readonly config: ConfigStore;
  readonly log: Logger;
  /** The last lines of `log`. */
  readonly recent: LogRing;
  /** Ends the program in order, as a signal would. */
  requestShutdown(reason: string): void;
}

/** What `server.ts` exports as `startServer`; it rejects with a `RustyError`. */
export type StartServer = (parts: ServerParts) => Promise<RunningServer>;

/** What a check of a data directory found. */
export interface VerifyReport {
  readonly dataPath: string;
  readonly pages: number;
  /** One sentence each; empty where all is well. */
  readonly problems: readonly string[];
}

/** What `server.ts` exports as `verifyData`. */
export type VerifyData = (config: Config, log: Logger) => Promise<VerifyReport>;

/** The exports of `server.ts`. */
export interface ServerModule {
  readonly startServer: StartServer;
  readonly verifyData: VerifyData;
}
