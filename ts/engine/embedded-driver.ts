import { RustyError } from '../errors/index.ts';
import { type Engine, Front, NativeSession } from '../native/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock } from '../util/clock.ts';
import { KeepAlive } from '../util/keep-alive.ts';
import type { ConnectOptions, Driver, Session } from './driver.ts';
import { EmbeddedSession, type SharedByThread } from './embedded-session.ts';

/** One native call answers at most this much. */
const SLAB_BYTES = 256 * 1024;
/** Of one thread; the engine has a limit for all. */
const SESSIONS_MAX = 100_000;
/** Of the PostgreSQL protocol; no session of this driver speaks it. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface EmbeddedDriverOptions {
  readonly engine: Engine;
  readonly clock: Clock;
}

/** The engine in this process, for one JavaScript thread. */
export class EmbeddedDriver implements Driver {
  readonly #engine: Engine;
  readonly #front: Front;
  readonly #keepAlive = new KeepAlive();
  readonly #shared: SharedByThread;
  readonly #sessions: BoundedMap<number, EmbeddedSession>;

  constructor({ engine, clock }: EmbeddedDriverOptions) {
    this.#engine = engine;
    this.#shared = {
      // A native call's output is taken before the next one is made, so one is enough.
      slab: Buffer.allocUnsafeSlow(SLAB_BYTES),
      clock,
      keepAlive: this.#keepAlive,
      onClose: (closed) => this.#sessions.delete(closed.id),
    };
    this.#sessions = new BoundedMap({
      name: 'embedded_sessions',
      cap: SESSIONS_MAX,
      whenFull: 'refuse',
    });
    this.#front = new Front(engine.handle, MAX_MESSAGE_BYTES, (handle) =>
      this.#sessions.get(handle)?.resume(),
    );
  }

  connect(options: ConnectOptions): Session {
    const { user, database, clientAddress, settings = {} } = options;
    const parameters = Object.entries(settings).flat();
    const native = new NativeSession(this.#front, { user, database, clientAddress, parameters });
    const session = new EmbeddedSession(native, this.#shared);
    if (!this.#sessions.set(native.handle, session)) {
      native.close();
      throw RustyError.ofSqlstate('53300', 'sorry, too many clients already');
    }
    return session;
  }

  statistics(): Readonly<Record<string, number>> {
    return this.#engine.statistics();
  }

  close(): void {
    for (const session of [...this.#sessions.values()]) session.close();
    this.#front.close();
    this.#keepAlive.close();
  }
}
