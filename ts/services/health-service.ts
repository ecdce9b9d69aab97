import type { Driver, StatementRequest } from '../engine/index.ts';
import type { SessionPool } from '../pool/index.ts';
import type { Clock } from '../util/clock.ts';

/** The statement that says whether the engine answers. */
const CHECK: StatementRequest = { sql: 'SELECT 1', layout: 'arrays', timeoutMs: 5000 };

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** `ok`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
  readonly uptimeSeconds: number;
  readonly version: string;
}

export interface HealthServiceOptions {
  readonly driver: Driver;
  readonly pool: SessionPool;
  readonly clock: Clock;
  readonly version: string;
}

/** Says how the server is, by asking it. */
export class HealthService {
  readonly #options: HealthServiceOptions;
  readonly #startedMs: number;

  constructor(options: HealthServiceOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
  }

  async health(): Promise<Health> {
    const { clock, version } = this.#options;
    const database = await this.#database();
    const storage = this.#storage();
    const status = database !== 'ok' ? 'unhealthy' : storage !== 'ok' ? 'degraded' : 'healthy';
    return {
      status,
      checks: { database, storage },
      uptimeSeconds: Math.round((clock.monotonicMs() - this.#startedMs) / 1000),
      version,
    };
  }

  versions(): { readonly version: string; readonly postgresql: string; readonly node: string } {
    const { version } = this.#options;
    return { version, postgresql: '15', node: process.versions.node };
  }

  async #database(): Promise<string> {
    try {
      await this.#options.pool.use((session) => session.run(CHECK, () => undefined));
      return 'ok';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** An engine whose log or data failed reads on, but writes nothing more. */
  #storage(): string {
    try {
      const { writable } = this.#options.driver.statistics();
      return writable === 0 ? 'the engine has stopped writing after a fault of the disk' : 'ok';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
