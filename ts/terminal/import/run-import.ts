import { connect } from '../connection/connect.ts';
import type { TerminalEnvironment } from '../environment.ts';
import { readHidden } from '../shell/read-hidden.ts';
import { TransferCancelled, TransferError } from '../transfer/transfer-error.ts';
import { Import } from './import-files.ts';
import type { ImportOptions } from './import-options.ts';

/** Runs an import; the exit code: 0, or 1 where nothing was loaded. Throws `ConnectFailure`. */
export async function runImport(
  options: ImportOptions,
  environment: TerminalEnvironment,
): Promise<0 | 1> {
  const ask = () => readHidden(environment, `Password for user ${options.connection.user}: `);
  const session = await connect(options.connection, ask);
  let forget = () => {};
  try {
    const running = new Import(options, environment, session);
    forget = environment.onInterrupt(() => running.cancel());
    await running.run();
    return 0;
  } catch (error) {
    const isCancelled = error instanceof TransferCancelled;
    if (!isCancelled && !(error instanceof TransferError)) throw error;
    const what = isCancelled ? 'cancelled' : error.message;
    environment.stderr.write(`rustydb: error: ${what}\nnothing was imported\n`);
    return 1;
  } finally {
    forget();
    await session.close();
  }
}
