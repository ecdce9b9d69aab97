import type { Config } from '../config/index.ts';
import { RustyError } from '../errors/index.ts';
import type { DoorPolicy } from '../gateway/index.ts';
import type { Logger } from '../monitoring/index.ts';
import type { Clock } from '../util/clock.ts';
import { SharedCount } from '../util/shared-count.ts';
import type { Patience } from './http-connection.ts';
import { type Answering, LazyHttp } from './lazy-http.ts';

/** Where Prometheus looks; taken unless the configuration names another. */
const USUAL_PORT = 9090;
/** Who reads metrics is few. */
const MAX_CONNECTIONS = 100;

export interface MetricsPortOptions {
  readonly config: Config['monitoring'];
  readonly log: Logger;
  readonly clock: Clock;
  readonly patience: Patience;
  readonly policy: DoorPolicy;
  readonly load: () => Promise<Answering>;
}

const isTaken = (error: unknown): boolean =>
  error instanceof RustyError &&
  (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';

/** The port that has `/metrics` and nothing else. */
export class MetricsPort {
  readonly #options: MetricsPortOptions;
  #http: LazyHttp | undefined;

  constructor(options: MetricsPortOptions) {
    this.#options = options;
  }

  /** Listens where that is wanted; answers the port. */
  async listen(): Promise<number | undefined> {
    const { config, log } = this.#options;
    if (!config.enableMetrics) return undefined;
    if (config.metricsPort !== undefined) return this.#listen(config.metricsPort);
    try {
      return await this.#listen(USUAL_PORT);
    } catch (error) {
      if (!isTaken(error)) throw error;
      const port = await this.#listen(0);
      log.warn(`port ${USUAL_PORT} is taken: the metrics are on another`, { port });
      return port;
    }
  }

  async stopAccepting(): Promise<void> {
    await this.#http?.stopAccepting();
  }

  destroyAll(): void {
    this.#http?.destroyAll();
  }

  async #listen(port: number): Promise<number> {
    const { config, log, clock, patience, policy, load } = this.#options;
    const http = new LazyHttp({
      key: 'monitoring.metrics_addr',
      portKey: 'monitoring.metrics_port',
      address: config.metricsAddr,
      port,
      clock,
      patience,
      connections: SharedCount.alone(MAX_CONNECTIONS),
      inWork: SharedCount.alone(MAX_CONNECTIONS),
      policy,
      onFull: () => undefined,
      log,
      load,
    });
    const bound = await http.listen();
    this.#http = http;
    return bound;
  }
}
