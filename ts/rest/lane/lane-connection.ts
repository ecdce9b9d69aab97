import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { type ConnectionOrigin, type ConnectionReport, reportOf } from '../../gateway/index.ts';
import type { Clock } from '../../util/clock.ts';
import type { SharedCount } from '../../util/shared-count.ts';
import { type Client, clientOf } from '../client-context.ts';
import { isStuck, type Patience } from '../http-connection.ts';
import type { Idling } from '../idle-order.ts';
import { type DateHeader, LaneResponse } from './lane-response.ts';
import type { PlainReader } from './plain-request.ts';

/** Bytes that wait behind a request that runs; more stay with the system. */
const WAITING_MAX_BYTES = 64 * 1024;

/** A request as the lane gives it on. */
export interface LaneRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly client: Client;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

export interface LaneConnectionOptions {
  readonly socket: Socket;
  readonly origin: ConnectionOrigin;
  readonly thread: number;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Connections that have a request in work, of all threads. */
  readonly inWork: SharedCount;
  readonly date: DateHeader;
  readonly reader: PlainReader;
  /** An idle connection is closed after this long. */
  readonly keepAliveMs: number;
  readonly answer: (request: LaneRequest, response: LaneResponse) => void;
  /** Takes the connection for good; the bytes are to be read again. */
  readonly handOver: (bytes: Buffer) => void;
  readonly onClose: () => void;
}

/**
 * A connection as long as all of its requests are plain ones. They are answered one after the other;
 * the first that is not plain, or not complete, takes the connection over to node:http.
 */
export class LaneConnection implements Idling {
  readonly #options: LaneConnectionOptions;
  readonly #client: Client;
  readonly #gone = new AbortController();
  #response: LaneResponse | undefined;
  #waiting: Buffer | undefined;
  #isDraining = false;
  /** It counts as one with a request in work: its answer waits for something. */
  #isInWork = false;
  /** When the last answer was complete. */
  #idleSinceMs: number;
  /** How long it may be idle: the first time as long as a head may take. */
  #idleMaxMs: number;
  #bytesWritten = 0;
  /** Since when the client takes nothing of its answer. */
  #stuckSinceMs: number | undefined;

  constructor(options: LaneConnectionOptions) {
    this.#options = options;
    const { socket, clock, patience } = options;
    this.#client = clientOf(socket);
    this.#idleSinceMs = clock.monotonicMs();
    this.#idleMaxMs = patience.headerTimeoutMs;
  }

  get origin(): ConnectionOrigin {
    return this.#options.origin;
  }

  get idleSinceMs(): number | undefined {
    return this.#response === undefined ? this.#idleSinceMs : undefined;
  }

  report(): ConnectionReport {
    const { socket, thread, origin } = this.#options;
    const { clientAddress } = this.#client;
    const busy = socket.writableLength > 0 ? 'sending' : 'working';
    const state = this.#response === undefined ? 'idle' : busy;
    return reportOf(origin, socket, { protocol: 'http', thread, clientAddress, state });
  }

  /** Reads. */
  begin(): void {
    const { socket } = this.#options;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Closes the connection once what has come is answered. */
  drain(): void {
    this.#isDraining = true;
    if (this.#response === undefined && this.#waiting === undefined) this.#options.socket.end();
  }

  /** Closes the connection where it has been idle, or stuck in an answer, for too long. */
  expire(nowMs: number): void {
    if (this.#response === undefined) {
      const sinceMs = this.#idleSinceMs;
      if (nowMs - sinceMs < this.#idleMaxMs) return;
      // Timers run before what has come meanwhile is read.
      setImmediate(() => {
        if (this.idleSinceMs === sinceMs) this.destroy();
      });
      return;
    }
    const { socket, patience } = this.#options;
    const { bytesWritten, writableLength } = socket;
    const isStill = writableLength > 0 && bytesWritten === this.#bytesWritten;
    this.#bytesWritten = bytesWritten;
    this.#stuckSinceMs = isStill ? (this.#stuckSinceMs ?? nowMs) : undefined;
    if (isStill && isStuck(patience, nowMs - (this.#stuckSinceMs ?? nowMs))) this.destroy();
  }

  destroy(): void {
    this.#options.socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#response === undefined && this.#waiting === undefined) {
      this.#next(bytes);
      return;
    }
    const { socket } = this.#options;
    this.#waiting = this.#waiting === undefined ? bytes : Buffer.concat([this.#waiting, bytes]);
    if (this.#waiting.length >= WAITING_MAX_BYTES) socket.pause();
  };

  /** A client that says no more is taken to be gone, as by node:http. */
  readonly #onEnd = (): void => {
    this.#options.socket.end();
  };

  /** `close` follows. */
  readonly #onError = (): void => undefined;

  readonly #onClose = (): void => {
    this.#gone.abort();
    this.#response?.emit('close');
    this.#leaveWork();
    this.#options.onClose();
  };

  #next(bytes: Buffer): void {
    const { socket, date, reader, keepAliveMs, inWork, answer } = this.#options;
    const request = reader.read(bytes);
    const behind =
      request === undefined || request.end === bytes.length
        ? undefined
        : bytes.subarray(request.end);
    // What is not plain leaves with the request before it: its bytes cannot be put back once the
    // client has closed its side.
    if (
      request === undefined ||
      (behind !== undefined && reader.read(behind) === undefined) ||
      // Where there are too many, node:http says so.
      inWork.total >= inWork.cap
    ) {
      this.#leave(bytes);
      return;
    }
    this.#waiting = behind;
    this.#response = new LaneResponse({
      socket,
      date,
      keepAliveSeconds: keepAliveMs / 1000,
      isLast: this.#isLast,
      onEnd: this.#onAnswered,
    });
    const { headers, body } = request;
    answer({ headers, body, client: this.#client, signal: this.#gone.signal }, this.#response);
    // What was answered at once was in work for nobody else to see.
    if (this.#response !== undefined && !socket.destroyed) {
      this.#isInWork = true;
      inWork.add();
    }
  }

  #leaveWork(): void {
    if (!this.#isInWork) return;
    this.#isInWork = false;
    this.#options.inWork.leave();
  }

  /** The answer that runs is the connection's last. */
  readonly #isLast = (): boolean => this.#isDraining && this.#waiting === undefined;

  readonly #onAnswered = (): void => {
    this.#response = undefined;
    this.#leaveWork();
    const { socket, clock, keepAliveMs } = this.#options;
    this.#idleSinceMs = clock.monotonicMs();
    this.#idleMaxMs = keepAliveMs;
    if (socket.destroyed) return;
    if (this.#waiting !== undefined) setImmediate(this.#goOn);
    else if (this.#isDraining) socket.end();
  };

  /** Others have their turn between two requests that came at once. */
  readonly #goOn = (): void => {
    const bytes = this.#waiting;
    if (bytes === undefined || this.#options.socket.destroyed) return;
    this.#waiting = undefined;
    this.#options.socket.resume();
    this.#next(bytes);
  };

  #leave(bytes: Buffer): void {
    const { socket, onClose, handOver } = this.#options;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    onClose();
    handOver(bytes);
  }
}
