import type { ConfigStore } from '../config/index.ts';
import type { LogRing } from '../monitoring/index.ts';
import type { ServerModule } from '../server-contract.ts';
import type { Clock } from '../util/clock.ts';

/** Exit codes of the program. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a command reaches of the world outside; handed in, so that tests may stand in for it. */
export interface CommandEnvironment {
  readonly config: ConfigStore;
  /** The last lines of the log. */
  readonly recent: LogRing;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly pid: number;
  readonly clock: Clock;
  /** Writes to standard output. */
  print(text: string): void;
  /** Loads `server.ts`, and the engine with it. */
  loadServer(): Promise<ServerModule>;
  /** Calls back at SIGTERM or SIGINT, each time one comes. */
  onSignal(callback: (signal: string) => void): void;
  /** Calls back at SIGHUP, each time one comes. */
  onReload(callback: () => void): void;
  /** Ends the process without waiting for anything. */
  exitNow(code: ExitCode): void;
}
