import type { ConfigStore } from '../config/index.ts';
import { notifyServiceManager, prepareHost } from '../host/index.ts';
import type { Logger } from '../monitoring/index.ts';
import type { RunningServer } from '../server-contract.ts';
import { type CommandEnvironment, EXIT, type ExitCode } from './environment.ts';

/**
 * A second signal within this time is an echo of the first: Ctrl-C under `npm start` reaches the
 * server from the terminal and once more from npm.
 */
const ECHO_MS = 500;

function readyLine(server: RunningServer, { pid, version }: CommandEnvironment): string {
  const { ports, dataPath } = server;
  return `${JSON.stringify({ event: 'ready', ports, pid, version, dataPath })}\n`;
}

/** Reads the configuration's file anew; one that is wrong changes nothing. */
async function reload(store: ConfigStore, log: Logger): Promise<void> {
  try {
    const by = { by: 'SIGHUP', origin: 'file', source: 'SIGHUP' } as const;
    const { version, changed } = await store.reload(by);
    log.info('the configuration was read anew', { version, changed });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error(`the configuration stays as it is: ${message}`);
  }
}

/**
 * Runs the server until a signal; answers the exit code.
 *
 * The first signal closes in order; the second one leaves at once, which loses nothing that was
 * acknowledged: recovery at the next start does the rest.
 */
export async function start(environment: CommandEnvironment, log: Logger): Promise<ExitCode> {
  const { config: store, recent } = environment;
  const { config } = store;
  prepareHost(config.network.maxConnections, log);
  log.warn('connections are trusted: whoever reaches the loopback listeners is the superuser', {
    listenAddr: config.network.listenAddr,
  });

  const stopping = Promise.withResolvers<string>();
  let firstMs: number | undefined;
  environment.onSignal((signal) => {
    const nowMs = environment.clock.monotonicMs();
    firstMs ??= nowMs;
    if (nowMs - firstMs < ECHO_MS) stopping.resolve(signal);
    else environment.exitNow(EXIT.failure);
  });

  const { startServer } = await environment.loadServer();
  const requestShutdown = (reason: string): void => stopping.resolve(reason);
  const server = await startServer({ config: store, log, recent, requestShutdown });
  environment.onReload(() => void reload(store, log));
  environment.print(readyLine(server, environment));
  notifyServiceManager('READY=1', environment.variables, log);
  log.info('ready', { ports: server.ports, dataPath: server.dataPath });

  const signal = await stopping.promise;
  log.info('stopping', { signal });
  notifyServiceManager('STOPPING=1', environment.variables, log);
  await server.close();
  log.info('stopped');
  return EXIT.ok;
}
