import { randomUUID } from 'node:crypto';
import type { AuditLog } from '../audit/index.ts';
import type { Config, ConfigStore } from '../config/index.ts';
import { EmbeddedDriver } from '../engine/index.ts';
import type { FrontThreads } from '../fronts/index.ts';
import type { DoorPolicy } from '../gateway/index.ts';
import { Limits } from '../limits/index.ts';
import type { Logger, LogRing } from '../monitoring/index.ts';
import { openTracing } from '../monitoring/open-tracing.ts';
import { SpanCounts } from '../monitoring/span-counts.ts';
import { type Engine, PoolControl } from '../native/index.ts';
import type { SessionPool } from '../pool/index.ts';
import { JobRegistry } from '../services/jobs/job-registry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { packageVersion } from '../version.ts';
import type { ConnectionList } from './all-connections.ts';
import { toRustyError } from './error-body.ts';
import { HttpCounts, type HttpMemory, httpMemory } from './http-counts.ts';
import { httpPool } from './http-pool.ts';
import type { FromLane, LaneAnswer, ToLane } from './lane/lane-messages.ts';
import { LazyHttp } from './lazy-http.ts';
import { MetricsPort } from './metrics-port.ts';
import { RestAudit } from './rest-audit.ts';
import type { RestDoor } from './rest-door.ts';

/** As long the door waits before it loads what it needs, where no request comes before. */
const WARM_MS = 100;
const MAKE_ROOM: ToLane = { kind: 'makeRoom' };

export interface HttpDoorOptions {
  readonly engine: Engine;
  readonly config: ConfigStore;
  readonly audit: AuditLog;
  readonly recent: LogRing;
  /** Ends the server in order. */
  readonly requestShutdown: (reason: string) => void;
  readonly log: Logger;
  readonly clock: Clock;
  /** Threads that have lanes, with this one. */
  readonly threads: number;
  /** Those of them that are not this one. */
  readonly fronts: Pick<FrontThreads, 'tell' | 'ask'>;
  /** Judges new connections of the main thread. */
  readonly policy: DoorPolicy;
  /** The SQL door of the main thread. */
  readonly sql: ConnectionList & { readonly port: number };
}

/** The HTTP port and that of the metrics, with the sessions that requests share. */
export class HttpDoor {
  /** What the lanes of all threads count in. */
  readonly memory: HttpMemory;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #driver: EmbeddedDriver;
  readonly #pool: SessionPool;
  readonly #poolControl: PoolControl;
  readonly #jobs: JobRegistry;
  readonly #limits: Limits;
  readonly #counts: HttpCounts;
  readonly #http: LazyHttp;
  readonly #metrics: MetricsPort;
  #metricsPort: number | undefined;
  #door: Promise<RestDoor> | undefined;
  readonly #audit: RestAudit;
  #timer: Timer | undefined;
  #isOpen = false;

  constructor(options: HttpDoorOptions) {
    const { engine, log, clock, threads, fronts, policy, audit } = options;
    const { config } = options.config;
    const { listenAddr: address, port } = config.api;
    this.#audit = new RestAudit((event) => audit.record(event), config.audit.requests);
    this.#log = log.child('rest');
    this.#clock = clock;
    this.memory = httpMemory(threads);
    this.#counts = new HttpCounts(this.memory, 0, config);
    this.#driver = new EmbeddedDriver({ engine, clock });
    this.#limits = new Limits(engine);
    this.#pool = httpPool(this.#driver, engine.handle);
    this.#poolControl = new PoolControl(engine.handle);
    this.#jobs = new JobRegistry({
      clock,
      newId: randomUUID,
      maxJobs: config.api.maxJobs,
      keptMs: config.api.jobTtlMs,
      toError: toRustyError,
    });
    const load = () => this.#load(options);
    this.#http = new LazyHttp({
      key: 'api.listen_addr',
      portKey: 'api.port',
      address,
      port,
      clock,
      patience: { ...config.api, isPressed: () => this.#pool.statistics.waiting > 0 },
      connections: this.#counts.connections,
      inWork: this.#counts.inWork,
      sharesPort: threads > 1,
      policy,
      onFull: () => fronts.tell(MAKE_ROOM),
      log: this.#log,
      load: async () => (await load()).api,
    });
    this.#metrics = new MetricsPort({
      config: config.monitoring,
      log: this.#log,
      clock,
      patience: config.api,
      policy,
      load: async () => (await load()).metrics,
    });
  }

  /** A lane of another thread says something. */
  onTell(message: FromLane): void {
    const { listener } = this.#http;
    if (message.kind === 'makeRoom') {
      listener.makeRoom();
      return;
    }
    try {
      listener.adopt(message.descriptor, message.bytes, message.origin);
    } catch (error) {
      this.#log.warn('a connection was lost between two threads', { error });
    }
  }

  /** The configuration has changed. */
  configure(config: Config): void {
    this.#audit.recordsRequests = config.audit.requests;
    void this.#door?.then((door) => door.configure(config));
  }

  /** Another thread has ended. */
  onEnd(thread: number): void {
    this.#counts.forget(thread);
  }

  /** 0 once every request was answered, its connection closed, and every job has ended. */
  get size(): number {
    return (this.#isOpen ? 1 : 0) + this.#http.size + this.#jobs.running;
  }

  /** The port of the metrics, where they have one and it listens. */
  get metricsPort(): number | undefined {
    return this.#metricsPort;
  }

  /** Listens; answers the port. What it needs is loaded when the server is ready. */
  async listen(): Promise<number> {
    const port = await this.#http.listen();
    this.#metricsPort = await this.#metrics.listen();
    this.#isOpen = true;
    this.#timer = this.#clock.after(WARM_MS, () => {
      this.#http
        .warm()
        .catch((error: unknown) => this.#log.critical('the HTTP door failed to load', { error }));
    });
    return port;
  }

  /** Accepts no more; requests that run may end. */
  stop(): void {
    this.#timer?.cancel();
    if (!this.#isOpen) return;
    void Promise.all([this.#http.stopAccepting(), this.#metrics.stopAccepting()]).then(() => {
      this.#isOpen = false;
    });
  }

  destroyAll(): void {
    this.#jobs.cancelAll();
    this.#http.destroyAll();
    this.#metrics.destroyAll();
  }

  close(): void {
    void this.#door?.then((door) => door.close());
    this.#pool.close();
    this.#driver.close();
  }

  /** What answers at both ports, once. */
  #load(options: HttpDoorOptions): Promise<RestDoor> {
    const { config: store, audit, recent, requestShutdown, threads, fronts, policy, sql } = options;
    const version = packageVersion();
    const counts = SpanCounts.of(this.memory.spans, 0);
    const about = { counts, clock: this.#clock, log: this.#log, version };
    this.#door ??= Promise.all([
      import('./rest-door.ts'),
      openTracing(store.config.monitoring, about),
    ]).then(([{ restDoor }, tracing]) =>
      restDoor({
        tracing,
        config: store.config,
        admin: { store, audit, recent, requestShutdown },
        audit: this.#audit,
        driver: this.#driver,
        pool: this.#pool,
        poolControl: this.#poolControl,
        jobs: this.#jobs,
        limits: this.#limits,
        log: this.#log,
        clock: this.#clock,
        version,
        counts: this.#counts,
        memory: this.memory,
        threads,
        askLanes: (question) => fronts.ask(question) as Promise<readonly LaneAnswer[]>,
        policy,
        tellRules: (rules) => fronts.tell({ kind: 'rules', rules } satisfies ToLane),
        connections: [this.#http.listener, sql],
        ports: () => ({ http: this.#http.listener.port, postgresql: sql.port }),
      }),
    );
    return this.#door;
  }
}
