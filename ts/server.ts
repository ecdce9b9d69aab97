// Composes all parts; nothing else does.
import { resolve } from 'node:path';
import type { Config } from './config/index.ts';
import { RustyError } from './errors/index.ts';
import { FrontThreads, listeningThreads } from './fronts/index.ts';
import { DoorPolicy, doorRulesOf } from './gateway/index.ts';
import { Limits } from './limits/index.ts';
import type { Logger } from './monitoring/index.ts';
import { Engine, SlotPool } from './native/index.ts';
import { poolOptionsOf } from './pool/index.ts';
import { type FromLane, HttpDoor } from './rest/index.ts';
import type { RunningServer, ServerPorts, StartServer, VerifyData } from './server-contract.ts';
import { type Clock, systemClock } from './util/clock.ts';
import { SqlDoor } from './wire/index.ts';

/** How often a draining server looks whether its connections have gone. */
const DRAIN_POLL_MS = 20;
/** How long doors may take to let go of connections that were cut. */
const CUT_MS = 5000;

/** Connections that the server has. */
interface Door {
  /** What is still open. */
  readonly size: number;
  /** Accepts no more. */
  stop(): void;
  destroyAll(): void;
  /** Lets go of the engine, where it has not done so by itself. Idempotent. */
  close?(): void;
}

function dataPathOf(config: Config): string {
  return config.data.path === ':memory:' ? ':memory:' : resolve(config.data.path);
}

function refuseWhatIsNotBuilt(config: Config): void {
  if (config.data.engine !== 'embedded') {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'data.engine other than embedded' });
  }
  if (config.security.requireAuth) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'security.require_auth' });
  }
}

/** Waits until nothing of the doors is open, at most `timeoutMs`; says whether that is so. */
async function drained(doors: readonly Door[], timeoutMs: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonicMs() + timeoutMs;
  while (doors.some((door) => door.size > 0)) {
    if (clock.monotonicMs() >= end) return false;
    // Once the last socket is gone nothing else may keep the process alive until the engine closes.
    await clock.sleep(DRAIN_POLL_MS);
  }
  return true;
}

async function closeDoors(doors: readonly Door[], config: Config, log: Logger): Promise<void> {
  for (const door of doors) door.stop();
  if (!(await drained(doors, config.network.shutdownTimeoutMs, systemClock))) {
    log.warn('connections were cut');
    for (const door of doors) door.destroyAll();
    await drained(doors, CUT_MS, systemClock);
  }
  for (const door of doors) door.close?.();
}

export const startServer: StartServer = async (config, log): Promise<RunningServer> => {
  refuseWhatIsNotBuilt(config);
  const clock = systemClock;
  const dataPath = dataPathOf(config);
  const threads = listeningThreads(config);
  const engine = await Engine.open({
    path: dataPath,
    bufferPoolBytes: config.data.bufferPoolBytes,
    sync: config.data.sync,
    // Each connection has one, and each slot may have one of those that HTTP's requests share.
    maxSessions: config.network.maxConnections + config.pool.maxSize * threads,
  });
  SlotPool.configure(engine.handle, poolOptionsOf(config));
  const limits = new Limits(engine);
  limits.configure(config);
  const maintaining = limits.maintain(clock, log.child('limits'));
  const fronts = new FrontThreads(threads, log, clock);
  const engineHandle = engine.handle;
  const policy = new DoorPolicy(doorRulesOf(config.network, clock));
  const sql = new SqlDoor({ engineHandle, config, log, clock, sharesPort: threads > 1, policy });
  const http = new HttpDoor({ engine, config, log, clock, threads, fronts, policy, sql });
  const doors: readonly Door[] = [sql, http, fronts];
  let ports: ServerPorts;
  try {
    const shared = { sql: await sql.listen(), http: await http.listen() };
    ports = shared;
    const { metricsPort: metrics } = http;
    if (metrics !== undefined) ports = { ...ports, metrics };
    fronts.start(
      {
        engineHandle,
        ports: shared,
        network: config.network,
        api: config.api,
        pool: config.pool,
        log: { level: config.monitoring.logLevel, format: config.monitoring.logFormat },
        get doorRules() {
          return policy.rules;
        },
        memory: http.memory,
      },
      {
        onTell: (value) => http.onTell(value as FromLane),
        onEnd: (thread) => http.onEnd(thread),
      },
    );
  } catch (error) {
    maintaining.cancel();
    await closeDoors(doors, config, log);
    await engine.close();
    throw error;
  }

  let closing: Promise<void> | undefined;
  return {
    ports,
    dataPath,
    close() {
      closing ??= closeDoors(doors, config, log).then(() => {
        maintaining.cancel();
        return engine.close();
      });
      return closing;
    },
  };
};

export const verifyData: VerifyData = async (config) => {
  const dataPath = dataPathOf(config);
  return { dataPath, ...(await Engine.verify(dataPath)) };
};
