import { ConnectFailure } from '../terminal/connection/connect.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import type { TerminalCommand } from './catalogue.ts';

type Command = (argv: readonly string[], environment: TerminalEnvironment) => Promise<number>;

const LOADERS: Readonly<Record<TerminalCommand, () => Promise<Command>>> = {
  sql: async () => (await import('./sql.ts')).sql,
  import: async () => (await import('./import.ts')).importCommand,
  export: async () => (await import('./export.ts')).exportCommand,
};

/** Exit code where there is no connection. */
const NO_CONNECTION = 2;

/** Runs a command that talks to a server; the exit code. */
export async function terminalCommand(
  command: TerminalCommand,
  argv: readonly string[],
  environment: TerminalEnvironment,
): Promise<number> {
  const run = await LOADERS[command]();
  try {
    return await run(argv, environment);
  } catch (error) {
    if (!(error instanceof ConnectFailure)) throw error;
    environment.stderr.write(`rustydb: error: ${error.message}`);
    return NO_CONNECTION;
  }
}
