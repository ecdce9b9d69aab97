// Composes all parts; nothing else does.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from './config/index.ts';
import { EmbeddedDriver } from './engine/index.ts';
import { RustyError } from './errors/index.ts';
import type { Logger } from './monitoring/index.ts';
import { Engine } from './native/index.ts';
import { SessionPool } from './pool/index.ts';
import { type Handler, LazyHttp } from './rest/lazy-http.ts';
import type { RunningServer, StartServer, VerifyData } from './server-contract.ts';
import { type Clock, systemClock } from './util/clock.ts';
import { packageVersion } from './version.ts';
import { FrontThreads, SqlListener } from './wire/index.ts';

/**
 * Where the configuration does not say there is one thread more than cores, for the kernel divides
 * connections by chance and one more evens that out; at most so many.
 */
const FRONT_THREADS_MAX = 8;
/** Front threads wait for this long, so that the server is ready before they take its cores. */
const FRONT_DELAY_MS = 20;
/** As long the HTTP door waits before it loads what it needs, where no request comes before. */
const HTTP_WARM_MS = 100;
/** How often a draining server looks whether its connections have gone. */
const DRAIN_POLL_MS = 20;
/** How long front threads may take to let go of connections that were cut. */
const CUT_MS = 5000;

function dataPathOf(config: Config): string {
  return config.data.path === ':memory:' ? ':memory:' : resolve(config.data.path);
}

/** Only Linux divides the connections of a shared port. */
function frontThreadsOf(config: Config): number {
  if (process.platform !== 'linux') return 1;
  const { frontThreads } = config.network;
  return frontThreads > 0 ? frontThreads : Math.min(availableParallelism() + 1, FRONT_THREADS_MAX);
}

function refuseWhatIsNotBuilt(config: Config): void {
  if (config.data.engine !== 'embedded') {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'data.engine other than embedded' });
  }
  if (config.security.requireAuth) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'security.require_auth' });
  }
}

/** Waits until `isDone`, at most `timeoutMs`; says whether it is. */
async function waitUntil(isDone: () => boolean, timeoutMs: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonicMs() + timeoutMs;
  while (!isDone()) {
    if (clock.monotonicMs() >= end) return false;
    // Once the last socket is gone nothing else may keep the process alive until the engine closes.
    await clock.sleep(DRAIN_POLL_MS);
  }
  return true;
}

function poolOf(driver: EmbeddedDriver, config: Config, clock: Clock): SessionPool {
  const { maxSize, acquireTimeoutMs } = config.pool;
  return new SessionPool({
    driver,
    clock,
    user: 'rustydb',
    database: 'rustydb',
    clientAddress: 'http',
    maxSize,
    acquireTimeoutMs,
  });
}

function httpOf(config: Config, log: Logger, load: () => Promise<Handler>): LazyHttp {
  const { listenAddr: address, port, maxConnections } = config.api;
  return new LazyHttp({ address, port, maxConnections, load, log });
}

async function restDoorOf(
  config: Config,
  driver: EmbeddedDriver,
  pool: SessionPool,
  log: Logger,
  clock: Clock,
): Promise<Handler> {
  const { restDoor } = await import('./rest/rest-door.ts');
  return restDoor({ config, driver, pool, log, clock, version: packageVersion() });
}

export const startServer: StartServer = async (config, log): Promise<RunningServer> => {
  refuseWhatIsNotBuilt(config);
  const clock = systemClock;
  const dataPath = dataPathOf(config);
  const engine = await Engine.open({
    path: dataPath,
    bufferPoolBytes: config.data.bufferPoolBytes,
    sync: config.data.sync,
    maxSessions: config.network.maxConnections,
  });
  const threads = frontThreadsOf(config);
  const sql = new SqlListener({
    engineHandle: engine.handle,
    config: config.network,
    log,
    clock,
    sharesPort: threads > 1,
  });
  let port: number;
  try {
    if (threads > 1) await sql.checkPortIsFree();
    port = await sql.listen();
  } catch (error) {
    sql.stopAccepting();
    sql.close();
    await engine.close();
    throw error;
  }

  const driver = new EmbeddedDriver({ engine, clock, maxSessions: config.network.maxConnections });
  const pool = poolOf(driver, config, clock);
  const http = httpOf(config, log, () => restDoorOf(config, driver, pool, log, clock));
  let httpPort: number;
  try {
    httpPort = await http.listen();
  } catch (error) {
    sql.stopAccepting();
    driver.close();
    sql.close();
    await engine.close();
    throw error;
  }

  const fronts = new FrontThreads(
    { count: threads - 1, delayMs: FRONT_DELAY_MS },
    {
      engineHandle: engine.handle,
      network: { ...config.network, port, unixSocket: undefined },
      log: { level: config.monitoring.logLevel, format: config.monitoring.logFormat },
    },
    log,
    clock,
  );

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    sql.stopAccepting();
    // Idle clients are told at once; a statement that runs may end first.
    sql.terminateAll();
    fronts.drain();
    let isHttpDone = false;
    void http.stopAccepting().then(() => {
      isHttpDone = true;
    });
    const isDrained = () => sql.size === 0 && fronts.size === 0 && isHttpDone;
    if (!(await waitUntil(isDrained, config.network.shutdownTimeoutMs, clock))) {
      log.warn('connections were cut', { connections: sql.size });
      sql.destroyAll();
      http.destroyAll();
      fronts.cut();
      await waitUntil(isDrained, CUT_MS, clock);
    }
    sql.close();
    pool.close();
    driver.close();
    await engine.close();
  };
  // What the HTTP door needs is loaded once the ready line is out.
  clock.after(HTTP_WARM_MS, () => {
    http.warm().catch((error: unknown) => log.critical('the HTTP door failed to load', { error }));
  });
  return {
    ports: { sql: port, http: httpPort },
    dataPath,
    close() {
      closing ??= close();
      return closing;
    },
  };
};

export const verifyData: VerifyData = async (config) => {
  const dataPath = dataPathOf(config);
  return { dataPath, ...(await Engine.verify(dataPath)) };
};
