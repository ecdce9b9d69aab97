import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RustyError } from '../errors/index.ts';
import { type ConnectionOrigin, type ConnectionReport, reportOf } from '../gateway/index.ts';
import type { Clock } from '../util/clock.ts';
import type { SharedCount } from '../util/shared-count.ts';
import { clientOf } from './client-context.ts';
import type { Idling } from './idle-order.ts';
import { type Refusal, refusalOf, refusalOfSlowBody } from './refusal.ts';

/** Before a body's rate is judged the server must have waited for it so long. */
const RATE_GRACE_MS = 5_000;
/** The most time that one sweep counts. */
const SWEEP_MAX_MS = 2_000;

/** How slow a client may be. */
export interface Patience {
  /** Until the head of a request is complete. */
  readonly headerTimeoutMs: number;
  /** Within a body, or while it takes nothing of its answer. */
  readonly progressTimeoutMs: number;
  /** Of a body, on average; 0 asks for no rate. */
  readonly minBodyRate: number;
  /** Requests wait for sessions: who takes nothing of an answer, and so holds one, has less time. */
  readonly isPressed?: () => boolean;
}

/** What a client that takes nothing of its answer has while others wait for sessions. */
const PRESSED_MS = 2_000;

/** Whether a client has taken nothing of its answer for too long. */
export function isStuck({ progressTimeoutMs, isPressed }: Patience, sinceMs: number): boolean {
  if (sinceMs >= progressTimeoutMs) return true;
  return sinceMs >= PRESSED_MS && isPressed?.() === true;
}

export interface HttpConnectionOptions {
  readonly socket: Socket;
  readonly origin: ConnectionOrigin;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Connections that have a request in work, of all threads. */
  readonly inWork: SharedCount;
  /** What was refused before it was a request; for counts. */
  readonly onRefused: (error: RustyError) => void;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * A connection that node:http has. It knows what is under way on it, so that a client that is too
 * slow is told apart from a server that is busy: a body is waited for only while all that came of it
 * has been taken, an answer only while there is something of it that the client has not.
 */
export class HttpConnection implements Idling {
  readonly #options: HttpConnectionOptions;
  readonly #socket: Socket;
  /** Answers that are not complete, in the order of their requests. */
  readonly #open: ServerResponse[] = [];
  #isInWork = false;
  /** The request whose body is not complete. */
  #receiving: IncomingMessage | undefined;
  #bytesBefore = 0;
  #bytesRead = 0;
  #bytesWritten = 0;
  /** How long a body was waited for. */
  #waitedMs = 0;
  #sweptMs: number;
  /** When something last moved. */
  #movedMs: number;
  /** For how long nothing has moved, as far as the sweeps know. */
  #stillMs = 0;
  /** A head that was late, and how often it is still looked for. */
  #late: { readonly refusal: Refusal; sweeps: number } | undefined;
  #isRefused = false;

  constructor(options: HttpConnectionOptions) {
    const { socket, clock } = options;
    this.#options = options;
    this.#socket = socket;
    this.#movedMs = clock.monotonicMs();
    this.#sweptMs = this.#movedMs;
  }

  get origin(): ConnectionOrigin {
    return this.#options.origin;
  }

  get state(): ConnectionReport['state'] {
    if (this.#open.length === 0) return 'idle';
    if (this.#receiving?.complete === false) return 'receiving';
    return this.#socket.writableLength > 0 ? 'sending' : 'working';
  }

  get idleSinceMs(): number | undefined {
    if (this.#open.length === 0) return this.#movedMs;
    return this.#isWaitedFor && this.#open.length === 1 ? this.#movedMs : undefined;
  }

  /** A further request of it would be one more in work. */
  get isInWork(): boolean {
    return this.#isInWork;
  }

  /** A request has come; its answer is complete when the response closes. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#move(this.#options.clock.monotonicMs());
    this.#open.push(response);
    this.#late = undefined;
    if (hasBody(request)) this.#receive(request);
    else this.#enter();
    response.once('close', () => this.#end(request, response));
  }

  /** Looks whether the client is too slow. */
  sweep(nowMs: number): void {
    // While this thread was busy with something else the client may have sent what is not read yet.
    const sinceMs = Math.min(nowMs - this.#sweptMs, SWEEP_MAX_MS);
    this.#sweptMs = nowMs;
    if (this.#open.length === 0) {
      this.#sweepHead();
      return;
    }
    if (this.#receiving?.complete === true) this.#received(this.#receiving);
    const isWaitedFor = this.#isWaitedFor;
    if (isWaitedFor) this.#waitedMs += sinceMs;
    const isOurTurn = !isWaitedFor && this.#socket.writableLength === 0;
    if (this.#hasMoved() || isOurTurn) this.#move(nowMs);
    else this.#stillMs += sinceMs;
    const { patience } = this.#options;
    if (isWaitedFor) {
      const isSlow = this.#stillMs >= patience.progressTimeoutMs || this.#isTooSlow();
      if (isSlow) this.#refuseWith(refusalOfSlowBody(this.#waitedMs));
    } else if (isStuck(patience, this.#stillMs)) {
      this.destroy();
    }
  }

  /** Says why nothing more is read, unless an answer has begun, and closes; as node:http does. */
  refuse(error: NodeJS.ErrnoException): void {
    const refusal = refusalOf(error, this.#options.patience.headerTimeoutMs);
    // Timers run before what has come meanwhile is read: the head may be there after all.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') this.#late = { refusal, sweeps: 2 };
    else this.#refuseWith(refusal);
  }

  report(): ConnectionReport {
    const { clientAddress } = clientOf(this.#socket);
    const known = { protocol: 'http', thread: 0, clientAddress, state: this.state } as const;
    return reportOf(this.origin, this.#socket, known);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The socket is closed. */
  close(): void {
    this.#open.length = 0;
    this.#leave();
  }

  /** All that has come of a body was taken, and there must be more. */
  get #isWaitedFor(): boolean {
    return this.#receiving?.complete === false && this.#receiving.readableLength === 0;
  }

  #sweepHead(): void {
    const late = this.#late;
    if (late === undefined) return;
    late.sweeps -= 1;
    if (late.sweeps === 0) this.#refuseWith(late.refusal);
  }

  /** Bytes went in or out since it was last asked. */
  #hasMoved(): boolean {
    const { bytesRead, bytesWritten } = this.#socket;
    const hasMoved = bytesRead !== this.#bytesRead || bytesWritten !== this.#bytesWritten;
    this.#bytesRead = bytesRead;
    this.#bytesWritten = bytesWritten;
    return hasMoved;
  }

  #isTooSlow(): boolean {
    const { minBodyRate } = this.#options.patience;
    const bytes = this.#socket.bytesRead - this.#bytesBefore;
    return this.#waitedMs >= RATE_GRACE_MS && bytes * 1000 < minBodyRate * this.#waitedMs;
  }

  #receive(request: IncomingMessage): void {
    this.#receiving = request;
    this.#bytesBefore = this.#socket.bytesRead;
    this.#waitedMs = 0;
    request.once('end', () => this.#received(request));
  }

  #received(request: IncomingMessage): void {
    if (this.#receiving !== request) return;
    this.#receiving = undefined;
    if (this.#open.length > 0) this.#enter();
  }

  #end(request: IncomingMessage, response: ServerResponse): void {
    this.#move(this.#options.clock.monotonicMs());
    this.#open.splice(this.#open.indexOf(response), 1);
    // A body that nobody reads to its end is node's to drop.
    if (this.#receiving === request) this.#receiving = undefined;
    if (this.#open.length === 0) this.#leave();
  }

  #enter(): void {
    if (this.#isInWork) return;
    this.#isInWork = true;
    this.#options.inWork.add();
  }

  #leave(): void {
    if (!this.#isInWork) return;
    this.#isInWork = false;
    this.#options.inWork.leave();
  }

  #refuseWith({ failure, bytes }: Refusal): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#options.onRefused(failure);
    const hasBegun = this.#open[0]?.headersSent === true;
    if (hasBegun || !this.#socket.writable) this.destroy();
    // Nothing is read any more: a client that goes on sending hears a reset.
    else this.#socket.end(bytes, () => this.destroy());
  }

  #move(nowMs: number): void {
    this.#movedMs = nowMs;
    this.#stillMs = 0;
  }
}
