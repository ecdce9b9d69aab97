import type { Socket } from 'node:net';
import type { AuditEvent } from '../audit/index.ts';
import { securityEvent } from '../audit/security-event.ts';
import { RustyError } from '../errors/index.ts';
import {
  admit,
  type ConnectionOrigin,
  type ConnectionReport,
  type RequestContext,
  reportOf,
} from '../gateway/index.ts';
import type { Logger } from '../monitoring/index.ts';
import { type Front, lengthOf, NativeConnection, STEP } from '../native/index.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { SlabPool } from './slab-pool.ts';

export interface SqlConnectionOptions {
  readonly front: Front;
  readonly socket: Socket;
  readonly origin: ConnectionOrigin;
  readonly thread: number;
  readonly clientAddress: string;
  readonly isLocal: boolean;
  readonly slabs: SlabPool;
  readonly log: Logger;
  readonly clock: Clock;
  /** From accept to authenticated. */
  readonly connectionTimeoutMs: number;
  /** The audit log. */
  readonly record: (event: AuditEvent) => void;
  /** Called once, when the connection is gone. */
  readonly onGone: (connection: SqlConnection) => void;
}

/**
 * One socket of the SQL door: moves bytes between it and the native connection, one native call a
 * read, and passes the start-up packet through the gateway.
 *
 * Back-pressure: while the socket's buffer is full no step is made, so the statement pauses; while
 * the engine has the connection and its input is full the socket is not read.
 */
export class SqlConnection {
  readonly native: NativeConnection;
  readonly #options: SqlConnectionOptions;
  #isClosed = false;
  /** A step waits for the socket to drain. */
  #waitsForDrain = false;
  #isAuthenticated = false;
  #timer: Timer | undefined;

  constructor(options: SqlConnectionOptions) {
    const { socket, clock, connectionTimeoutMs } = options;
    this.#options = options;
    this.native = new NativeConnection(options.front, options.clientAddress);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('error', (error) => options.log.debug('socket error', { error: error.message }));
    socket.on('close', () => this.#gone());
    // A client that says it will send no more has left: nothing runs for it any longer.
    socket.on('end', () => this.#gone());
    if (connectionTimeoutMs > 0) {
      this.#timer = clock.after(connectionTimeoutMs, () => {
        if (!this.#isAuthenticated) socket.destroy();
      });
    }
  }

  /** The engine has the connection no longer: it can go on. */
  resume(): void {
    if (this.#isClosed) return;
    this.#options.socket.resume();
    this.#step();
  }

  get origin(): ConnectionOrigin {
    return this.#options.origin;
  }

  report(): ConnectionReport {
    const { socket, origin, thread, clientAddress } = this.#options;
    const isSending = this.#waitsForDrain || socket.writableLength > 0;
    const known = isSending ? 'sending' : 'open';
    const state = this.#isAuthenticated ? known : 'starting';
    return reportOf(origin, socket, { protocol: 'postgresql', thread, clientAddress, state });
  }

  /** Ends the connection with a FATAL error; a running statement is interrupted first. */
  terminate(error: RustyError): void {
    if (this.#isClosed) return;
    this.native.refuse(error.sqlstate, error.message);
    this.#step();
  }

  /** As `terminate`, for one that was not let in. */
  refuse(error: RustyError): void {
    this.#recordRefusal(error);
    this.terminate(error);
  }

  destroy(): void {
    this.#options.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#run((slab) => this.native.receive(chunk, slab));
  }

  #step(): void {
    this.#run((slab) => this.native.step(slab));
  }

  #drained(): void {
    if (!this.#waitsForDrain || this.#isClosed) return;
    this.#waitsForDrain = false;
    this.#step();
  }

  /** Runs one native call and does what it asks for. */
  #run(call: (slab: Buffer) => number): void {
    const { socket, slabs } = this.#options;
    let next: ((slab: Buffer) => number) | undefined = call;
    while (next !== undefined && !this.#isClosed) {
      const slab = slabs.take();
      const answer = this.#guarded(next, slab);
      const length = lengthOf(answer);
      next = undefined;
      if (length > 0) socket.write(slab.subarray(0, length));
      // Mostly the kernel has taken it all by now; else the slab stays with the socket.
      if (socket.writableLength === 0) slabs.give(slab);
      if ((answer & STEP.close) !== 0) {
        if ((answer & STEP.output) !== 0) next = (more) => this.native.step(more);
        else socket.end();
      } else if ((answer & STEP.startup) !== 0) {
        this.#admit();
        next = (more) => this.native.step(more);
      } else if ((answer & STEP.output) !== 0) {
        if (socket.writableNeedDrain) this.#waitsForDrain = true;
        else next = (more) => this.native.step(more);
      } else if ((answer & STEP.more) !== 0) {
        setImmediate(() => this.#isClosed || this.#step());
      } else if ((answer & STEP.pause) !== 0) {
        socket.pause();
      }
    }
  }

  /** A fault in the native call costs this connection, not the process. */
  #guarded(call: (slab: Buffer) => number, slab: Buffer): number {
    try {
      return call(slab);
    } catch (error) {
      this.#options.log.error('a connection failed', { error });
      this.#options.socket.destroy();
      return 0;
    }
  }

  #admit(): void {
    const packet = this.native.startup();
    const { clientAddress, isLocal, log } = this.#options;
    const application = packet.parameters.indexOf('application_name');
    const context: RequestContext = {
      protocol: 'postgresql',
      requestId: crypto.randomUUID(),
      clientAddress,
      isLocal,
      claimedUser: packet.user,
      database: packet.database,
      application: application < 0 ? '' : (packet.parameters[application + 1] ?? ''),
    };
    try {
      this.native.accept(admit(context));
      this.#isAuthenticated = true;
      this.#timer?.cancel();
      log.debug('connected', { user: packet.user, database: packet.database, clientAddress });
    } catch (error) {
      const refusal =
        error instanceof RustyError ? error : RustyError.of('INTERNAL_ERROR', {}, { cause: error });
      this.native.refuse(refusal.sqlstate, refusal.message);
      this.#recordRefusal(refusal, { user: packet.user, requestId: context.requestId });
    }
  }

  #recordRefusal(refusal: RustyError, who: { user?: string; requestId?: string } = {}): void {
    const { clientAddress: clientIp, record } = this.#options;
    const { code, sqlstate, message } = refusal;
    record({
      ...(securityEvent(refusal, {}) ?? { type: 'request_blocked', result: 'failure' }),
      action: 'connect',
      clientIp,
      resource: 'postgresql',
      ...who,
      metadata: { code, sqlstate, message },
    });
  }

  #gone(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.native.close();
    this.#options.socket.destroy();
    this.#options.onGone(this);
  }
}
