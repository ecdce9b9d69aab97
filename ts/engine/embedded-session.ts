import { RustyError } from '../errors/index.ts';
import { lengthOf, type NativeSession, type NativeSqlError, STEP } from '../native/index.ts';
import type { Clock } from '../util/clock.ts';
import type { KeepAlive } from '../util/keep-alive.ts';
import { Collector } from './collector.ts';
import type {
  Notice,
  ReadAnswer,
  Session,
  StatementEnd,
  StatementRequest,
  TakeBytes,
  WholeRequest,
} from './driver.ts';

/** Of a step that ends a statement: neither an error or notices, nor more of its answer. */
const SETTLED = STEP.done | STEP.outcome | STEP.output;

const NO_NOTICES: readonly Notice[] = [];

const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function errorOf(native: NativeSqlError): RustyError {
  const { sqlstate, message, detail, hint, position } = native;
  const { schema, table, column, constraint, context } = native;
  const details = { detail, schema, table, column, constraint, context };
  const known = Object.entries(details).filter(([, value]) => value !== undefined);
  return RustyError.ofSqlstate(sqlstate, message, {
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(position === undefined ? {} : { position }),
    ...(known.length === 0 ? {} : { details: Object.fromEntries(known) }),
  });
}

function noticeOf(native: NativeSqlError): Notice {
  const { severity, sqlstate, message, detail, hint, context, column } = native;
  return {
    severity,
    sqlstate,
    message,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(context === undefined ? {} : { context }),
    ...(column === undefined ? {} : { column }),
  };
}

/** The error of a statement that its signal stopped. */
function abortedBy(signal: AbortSignal): RustyError {
  return RustyError.of(
    'CANCELLED',
    { what: 'the statement, by its signal' },
    { cause: signal.reason },
  );
}

/** What the sessions of a thread have in common. */
export interface SharedByThread {
  /** What native calls write into. */
  readonly slab: Buffer;
  readonly clock: Clock;
  /** Held while a statement is with native threads. */
  readonly keepAlive: KeepAlive;
  readonly onClose: (session: EmbeddedSession) => void;
}

/**
 * A session of the engine in this process. The statement runs inline where nothing must be waited
 * for; else its completion wakes the session.
 */
export class EmbeddedSession implements Session {
  readonly #native: NativeSession;
  readonly #slab: Buffer;
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;
  readonly #onClose: (session: EmbeddedSession) => void;
  #wake: (() => void) | undefined;
  #isRunning = false;
  #isClosed = false;
  #isInTransaction = false;
  #hasTemporary = false;
  /** Why the statement that runs was interrupted. */
  #reason: RustyError | undefined;

  constructor(native: NativeSession, shared: SharedByThread) {
    this.#native = native;
    this.#slab = shared.slab;
    this.#clock = shared.clock;
    this.#keepAlive = shared.keepAlive;
    this.#onClose = shared.onClose;
  }

  get id(): number {
    return this.#native.handle;
  }

  get processId(): number {
    return this.#native.processId;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  get hasTemporary(): boolean {
    return this.#hasTemporary;
  }

  /** The engine has the session no longer: it can go on. */
  resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  run(request: StatementRequest, take: TakeBytes): StatementEnd | Promise<StatementEnd> {
    // Foreign code, so it runs before there is a statement that it could leave half begun.
    const input = request.input?.[Symbol.asyncIterator]();
    const step = this.#begin(request);
    if (input !== undefined || (step & SETTLED) !== STEP.done) {
      return this.#drive(request, step, take, input);
    }
    const end = this.#quietEnd(step);
    const length = lengthOf(step);
    const taken = length > 0 ? take(this.#slab.subarray(0, length)) : undefined;
    return taken === undefined ? end : taken.then(() => end);
  }

  runWhole<T>(request: WholeRequest, read: ReadAnswer<T>): T | Promise<T> {
    const step = this.#begin(request);
    if ((step & SETTLED) !== STEP.done) return this.#driveWhole(request, step, read);
    this.#note(step);
    return read(this.#slab, lengthOf(step));
  }

  cancel(reason?: RustyError): void {
    if (!this.#isRunning) return;
    this.#reason ??= reason;
    this.#native.cancel();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#native.close();
    this.resume();
    this.#onClose(this);
  }

  #limit({ timeoutMs }: WholeRequest) {
    if (timeoutMs === undefined || timeoutMs <= 0) return undefined;
    return this.#clock.after(timeoutMs, () =>
      this.cancel(RustyError.of('TIMEOUT', { what: 'the statement', afterMs: timeoutMs })),
    );
  }

  /** What needs no waiting is done already when this gives the first step. */
  #begin(request: WholeRequest): number {
    if (this.#isClosed) {
      throw RustyError.ofSqlstate('08003', 'the session is closed');
    }
    if (this.#isRunning) {
      throw RustyError.ofSqlstate('55000', 'the session runs another statement');
    }
    if (request.signal?.aborted === true) throw abortedBy(request.signal);
    return this.#native.begin(request, this.#slab);
  }

  async #driveWhole<T>(request: WholeRequest, begun: number, read: ReadAnswer<T>): Promise<T> {
    const whole = new Collector();
    await this.#drive(request, begun, whole.take);
    const bytes = whole.bytes();
    return read(bytes, bytes.length);
  }

  /** Goes on with a statement that has begun, under its time limit and its signal. */
  async #drive(
    request: WholeRequest,
    begun: number,
    take: TakeBytes,
    input?: AsyncIterator<Uint8Array>,
  ): Promise<StatementEnd> {
    const { signal } = request;
    this.#isRunning = true;
    this.#reason = undefined;
    const timer = this.#limit(request);
    const onAbort = signal && (() => this.cancel(abortedBy(signal)));
    if (onAbort !== undefined) signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#steps(begun, take, input);
    } finally {
      timer?.cancel();
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
      this.#isRunning = false;
    }
  }

  async #steps(
    begun: number,
    take: TakeBytes,
    input: AsyncIterator<Uint8Array> | undefined,
  ): Promise<StatementEnd> {
    let failure: unknown;
    let step = begun;
    for (;;) {
      const length = lengthOf(step);
      if (length > 0 && failure === undefined) {
        try {
          const taken = take(this.#slab.subarray(0, length));
          if (taken !== undefined) await taken;
        } catch (error) {
          failure = error;
          this.#native.cancel();
        }
      }
      if (this.#isClosed) throw failure ?? RustyError.ofSqlstate('57P01', 'the session was closed');
      if ((step & STEP.close) !== 0) {
        const { error } = this.#native.outcome();
        this.close();
        throw error === undefined
          ? RustyError.of('SERVICE_UNAVAILABLE', { what: 'the session' })
          : errorOf(error);
      }
      if ((step & STEP.output) !== 0) {
        step = this.#native.step(this.#slab);
      } else if ((step & STEP.done) !== 0) {
        return this.#end(step, failure);
      } else if ((step & STEP.busy) !== 0) {
        this.#keepAlive.hold();
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
        this.#keepAlive.release();
        if (this.#isClosed) continue;
        step = this.#native.step(this.#slab);
      } else if ((step & STEP.more) !== 0) {
        await nextTick();
        step = this.#native.step(this.#slab);
      } else {
        step = await this.#feed(input);
      }
    }
  }

  /** The statement wants COPY data: one chunk more, or the end. */
  async #feed(input: AsyncIterator<Uint8Array> | undefined): Promise<number> {
    if (input === undefined) {
      this.#native.endCopy('the request has no data to copy');
      return this.#native.step(this.#slab);
    }
    let chunk: IteratorResult<Uint8Array>;
    try {
      chunk = await input.next();
    } catch (error) {
      this.#reason ??= error instanceof RustyError ? error : undefined;
      this.#native.endCopy(error instanceof Error ? error.message : 'the data was cut off');
      return this.#native.step(this.#slab);
    }
    if (chunk.done === true) {
      this.#native.endCopy();
      return this.#native.step(this.#slab);
    }
    return this.#native.receive(chunk.value, this.#slab);
  }

  /** What a statement has left behind. */
  #note(step: number): void {
    this.#isInTransaction = (step & STEP.transaction) !== 0;
    this.#hasTemporary = (step & STEP.temporary) !== 0;
  }

  /** The end of a statement that has neither an error nor notices. */
  #quietEnd(step: number): StatementEnd {
    this.#note(step);
    return { notices: NO_NOTICES, noticesDropped: 0, isInTransaction: this.#isInTransaction };
  }

  #end(step: number, failure: unknown): StatementEnd {
    const quiet = this.#quietEnd(step);
    const outcome = (step & STEP.outcome) === 0 ? undefined : this.#native.outcome();
    if (failure !== undefined) throw failure;
    if (outcome === undefined) return quiet;
    const { error, notices, noticesDropped } = outcome;
    if (error !== undefined) {
      const failed = errorOf(error);
      throw failed.sqlstate === '57014' ? (this.#reason ?? failed) : failed;
    }
    return { ...quiet, notices: notices.map(noticeOf), noticesDropped };
  }
}
