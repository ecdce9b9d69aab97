// Composes all parts; nothing else does.
import { join, resolve } from 'node:path';
import { AuditLog, FileStore, MemoryStore } from './audit/index.ts';
import type { Config, ConfigStore } from './config/index.ts';
import { RustyError } from './errors/index.ts';
import { type FrontConfig, FrontThreads, listeningThreads } from './fronts/index.ts';
import { DoorPolicy, doorRulesOf } from './gateway/index.ts';
import { Limits } from './limits/index.ts';
import type { Logger } from './monitoring/index.ts';
import { Engine, SlotPool } from './native/index.ts';
import { poolOptionsOf } from './pool/index.ts';
import { type FromLane, HttpDoor } from './rest/index.ts';
import type {
  RunningServer,
  ServerParts,
  ServerPorts,
  StartServer,
  VerifyData,
} from './server-contract.ts';
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

/** What front threads follow. */
function frontConfigOf({ network, api, pool, monitoring, audit }: Config): FrontConfig {
  return { network, api, pool, monitoring, audit };
}

function refuseWhatIsNotBuilt(config: Config): void {
  if (config.data.engine !== 'embedded') {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'data.engine other than embedded' });
  }
  if (config.security.requireAuth) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'security.require_auth' });
  }
  if (config.security.enableTls) {
    throw RustyError.of('NOT_IMPLEMENTED', { what: 'security.enable_tls' });
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

/** The audit log of a data directory. */
function auditLogOf(store: ConfigStore, dataPath: string, log: Logger): AuditLog {
  const config = (): Config['audit'] => store.config.audit;
  const files =
    dataPath === ':memory:'
      ? new MemoryStore()
      : new FileStore({
          folder: join(dataPath, 'audit'),
          segmentBytes: () => config().segmentBytes,
          maxSegments: () => config().maxSegments,
        });
  return new AuditLog({ store: files, clock: systemClock, log, config });
}

/** Each change of the configuration is recorded, wherever it came from. */
function recordChanges(store: ConfigStore, audit: AuditLog): void {
  store.subscribe((_config, { version, by: user, origin, changed }) =>
    audit.record({
      type: 'administration',
      action: 'config_change',
      result: 'success',
      user,
      metadata: { version, origin, changed },
    }),
  );
}

/** The doors of a server, and what they share. */
interface Inside {
  readonly engine: Engine;
  readonly audit: AuditLog;
  readonly sql: SqlDoor;
  readonly http: HttpDoor;
  readonly fronts: FrontThreads;
  readonly policy: DoorPolicy;
}

function makeDoors(parts: ServerParts, engine: Engine, audit: AuditLog, limits: Limits): Inside {
  const { config: store, log, recent, requestShutdown } = parts;
  const { config } = store;
  const clock = systemClock;
  const threads = listeningThreads(config);
  const fronts = new FrontThreads(threads, log, clock);
  const { connectionRate } = config.network;
  const rules = doorRulesOf(config.network, clock);
  const policy = new DoorPolicy(rules, connectionRate > 0 ? limits : undefined);
  const sql = new SqlDoor({
    engineHandle: engine.handle,
    config,
    log,
    clock,
    sharesPort: threads > 1,
    record: (event) => audit.record(event),
    policy,
  });
  const http = new HttpDoor({
    engine,
    config: store,
    audit,
    recent,
    requestShutdown,
    log,
    clock,
    threads,
    fronts,
    policy,
    sql,
  });
  return { engine, audit, sql, http, fronts, policy };
}

/** Listens on all ports; front threads follow. */
async function listen(
  { engine, audit, sql, http, fronts, policy }: Inside,
  { config: { config }, recent }: ServerParts,
): Promise<ServerPorts> {
  const shared = { sql: await sql.listen(), http: await http.listen() };
  fronts.start(
    {
      engineHandle: engine.handle,
      ports: shared,
      ...frontConfigOf(config),
      log: { level: config.monitoring.logLevel, format: config.monitoring.logFormat },
      get doorRules() {
        return policy.rules;
      },
      memory: http.memory,
    },
    {
      onTell: (value) => http.onTell(value as FromLane),
      onReport: ({ lines, events, droppedEvents }) => {
        for (const line of lines) recent.add(line);
        for (const event of events) audit.record(event);
        if (droppedEvents > 0) audit.countDropped(droppedEvents);
      },
      onEnd: (thread) => http.onEnd(thread),
    },
  );
  const { metricsPort: metrics } = http;
  return metrics === undefined ? shared : { ...shared, metrics };
}

export const startServer: StartServer = async (parts): Promise<RunningServer> => {
  const { config: store, log } = parts;
  const { config } = store;
  refuseWhatIsNotBuilt(config);
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
  const maintaining = limits.maintain(systemClock, log.child('limits'));
  const audit = auditLogOf(store, dataPath, log);
  audit.begin();
  recordChanges(store, audit);
  const inside = makeDoors(parts, engine, audit, limits);
  const { sql, http, fronts } = inside;
  const doors: readonly Door[] = [sql, http, fronts];
  const shutDown = async (): Promise<void> => {
    await closeDoors(doors, config, log);
    maintaining.cancel();
    audit.record({ type: 'server', action: 'stop', result: 'success' });
    await audit.close();
    await engine.close();
  };
  let ports: ServerPorts;
  try {
    ports = await listen(inside, parts);
  } catch (error) {
    await shutDown();
    throw error;
  }
  store.subscribe((changed) => {
    SlotPool.configure(engine.handle, poolOptionsOf(changed));
    limits.configure(changed);
    sql.configure(changed);
    http.configure(changed);
    fronts.configure(frontConfigOf(changed));
  });
  audit.record({ type: 'server', action: 'start', result: 'success', metadata: { ports } });

  let closing: Promise<void> | undefined;
  return {
    ports,
    dataPath,
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
};

export const verifyData: VerifyData = async (config) => {
  const dataPath = dataPathOf(config);
  return { dataPath, ...(await Engine.verify(dataPath)) };
};
