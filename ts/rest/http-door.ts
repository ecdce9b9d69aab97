import { randomUUID } from 'node:crypto';
import type { Config } from '../config/index.ts';
import { EmbeddedDriver } from '../engine/index.ts';
import type { Logger } from '../monitoring/index.ts';
import type { Engine } from '../native/index.ts';
import { SessionPool } from '../pool/index.ts';
import { JobRegistry } from '../services/jobs/job-registry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { packageVersion } from '../version.ts';
import { toRustyError } from './error-body.ts';
import { LazyHttp } from './lazy-http.ts';
import { MetricsPort } from './metrics-port.ts';
import type { RestDoor } from './rest-door.ts';

/** As long the door waits before it loads what it needs, where no request comes before. */
const WARM_MS = 100;

export interface HttpDoorOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
}

/** The HTTP port and that of the metrics, with the sessions that requests share. */
export class HttpDoor {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #driver: EmbeddedDriver;
  readonly #pool: SessionPool;
  readonly #jobs: JobRegistry;
  readonly #http: LazyHttp;
  readonly #metrics: MetricsPort;
  #metricsPort: number | undefined;
  #door: Promise<RestDoor> | undefined;
  #timer: Timer | undefined;
  #isOpen = false;

  constructor({ engine, config, log, clock }: HttpDoorOptions) {
    const { listenAddr: address, port, maxConnections } = config.api;
    this.#log = log.child('rest');
    this.#clock = clock;
    this.#driver = new EmbeddedDriver({ engine, clock, maxSessions: config.pool.maxSize });
    this.#pool = new SessionPool({
      driver: this.#driver,
      clock,
      user: 'rustydb',
      database: 'rustydb',
      clientAddress: 'http',
      maxSize: config.pool.maxSize,
      acquireTimeoutMs: config.pool.acquireTimeoutMs,
    });
    this.#jobs = new JobRegistry({
      clock,
      newId: randomUUID,
      maxJobs: config.api.maxJobs,
      keptMs: config.api.jobTtlMs,
      toError: toRustyError,
    });
    const load = () => this.#load(config);
    this.#http = new LazyHttp({
      key: 'api.listen_addr',
      portKey: 'api.port',
      address,
      port,
      maxConnections,
      log: this.#log,
      load: async () => (await load()).api,
    });
    this.#metrics = new MetricsPort({
      config: config.monitoring,
      log: this.#log,
      load: async () => (await load()).metrics,
    });
  }

  /** 0 once every request was answered, its connection closed, and every job has ended. */
  get size(): number {
    return (this.#isOpen ? 1 : 0) + this.#jobs.running;
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
    this.#pool.close();
    this.#driver.close();
  }

  /** What answers at both ports, once. */
  #load(config: Config): Promise<RestDoor> {
    this.#door ??= import('./rest-door.ts').then(({ restDoor }) =>
      restDoor({
        config,
        driver: this.#driver,
        pool: this.#pool,
        jobs: this.#jobs,
        log: this.#log,
        clock: this.#clock,
        version: packageVersion(),
      }),
    );
    return this.#door;
  }
}
