import { createServer, isIPv6, type Socket } from 'node:net';
import type { AuditEvent } from '../audit/index.ts';
import type { FrontConfig, FrontThreadData } from '../fronts/index.ts';
import { type ConnectionOrigin, ConnectionOrigins, type DoorPolicy } from '../gateway/index.ts';
import { listenOn, requireLoopback } from '../host/listen.ts';
import type { Logger } from '../monitoring/index.ts';
import { openTracing } from '../monitoring/open-tracing.ts';
import { SpanCounts } from '../monitoring/span-counts.ts';
import type { Tracing } from '../monitoring/tracing.ts';
import type { Clock } from '../util/clock.ts';
import { packageVersion } from '../version.ts';
import type { FrontService } from './front-service.ts';
import { HttpCounts, type HttpMemory } from './http-counts.ts';
import type { FromLane, LaneAnswer, LaneQuestion, ToLane } from './lane/lane-messages.ts';
import { refuseConnection } from './refusal.ts';
import { RestAudit } from './rest-audit.ts';

export interface FrontLaneOptions {
  readonly data: FrontThreadData;
  readonly log: Logger;
  readonly clock: Clock;
  /** The audit log. */
  readonly record: (event: AuditEvent) => void;
  readonly policy: DoorPolicy;
  /** Tells the main thread. */
  readonly tell: (message: FromLane) => void;
}

const NOTHING = Buffer.alloc(0);
/** Connections that may be open above their cap while those that make room for them close. */
const CLOSING_MAX = 1024;

/**
 * The HTTP port on a front thread: it has the express lane and nothing else. A connection on which
 * something else comes goes to the main thread with the bytes that were read. What answers is loaded
 * when the first connection comes.
 */
export class FrontLane {
  readonly #options: FrontLaneOptions;
  readonly #log: Logger;
  readonly #counts: HttpCounts;
  readonly #server = createServer({ noDelay: true, allowHalfOpen: true });
  readonly #audit: RestAudit;
  #slowMs: number;
  #tracing: Tracing | undefined;
  readonly #origins: ConnectionOrigins;
  #service: FrontService | undefined;
  #loading: Promise<FrontService> | undefined;
  #isStopped = false;

  constructor(options: FrontLaneOptions) {
    const { data, log, clock } = options;
    this.#options = options;
    this.#origins = new ConnectionOrigins(`h${data.thread}`, clock);
    this.#log = log.child('rest');
    this.#counts = new HttpCounts(data.memory as HttpMemory, data.thread, data);
    this.#slowMs = data.monitoring.slowQueryMs;
    this.#audit = new RestAudit(options.record, data.audit.requests);
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** The configuration has changed. */
  configure({ audit, monitoring }: FrontConfig): void {
    this.#audit.recordsRequests = audit.requests;
    if (this.#tracing !== undefined) this.#tracing.samplePercent = monitoring.traceSamplePercent;
    this.#slowMs = monitoring.slowQueryMs;
    if (this.#service !== undefined) this.#service.stats.slowMs = this.#slowMs;
  }

  /** Connections that are open. */
  get size(): number {
    return this.#counts.connections.own;
  }

  async listen(): Promise<void> {
    const { api, ports } = this.#options.data;
    requireLoopback('api.listen_addr', api.listenAddr);
    const host = api.listenAddr;
    await listenOn(
      this.#server,
      { host, port: ports.http, ipv6Only: isIPv6(host), reusePort: true },
      { shown: `${host}:${ports.http}`, portKey: 'api.port' },
    );
  }

  /** Accepts no more; connections are closed once what has come on them is answered. */
  stopAccepting(): void {
    this.#isStopped = true;
    this.#server.close();
    this.#service?.lane.stopAccepting();
  }

  destroyAll(): void {
    this.#service?.lane.destroyAll();
  }

  /** Lets go of the engine. */
  close(): void {
    this.#service?.close();
  }

  /** The main thread says something. */
  onTell(message: ToLane): void {
    switch (message.kind) {
      case 'makeRoom':
        this.#service?.lane.makeRoom();
        break;
      case 'rules':
        this.#options.policy.replace(message.rules);
    }
  }

  /** Answers a question of the main thread. */
  answer(question: LaneQuestion): LaneAnswer {
    const { queries, lane, stats } = this.#service ?? {};
    switch (question.kind) {
      case 'list':
        return queries?.list() ?? [];
      case 'cancel':
        return queries?.cancel(question.id) ?? false;
      case 'connections':
        return lane?.reports() ?? [];
      case 'closeConnection':
        return lane?.closeConnection(question.id) ?? false;
      case 'statements':
        return { totals: stats?.totals() ?? [], slow: stats?.slow() ?? [] };
    }
  }

  #accept(socket: Socket): void {
    const { connections } = this.#counts;
    const refusal = this.#options.policy.refusal('http', socket.remoteAddress);
    if (refusal !== undefined) {
      refuseConnection(socket, refusal);
      return;
    }
    if (!connections.enter()) {
      if (this.#service?.lane.makeRoom() !== true) this.#options.tell({ kind: 'makeRoom' });
      if (connections.total >= connections.cap + CLOSING_MAX) {
        socket.destroy();
        return;
      }
      connections.add();
    }
    socket.once('close', () => connections.leave());
    const origin = this.#origins.next();
    if (this.#service !== undefined) {
      this.#take(this.#service, socket, origin);
      return;
    }
    // It may break before there is somebody to hear of it.
    socket.on('error', () => undefined);
    this.#load().then(
      (service) => this.#take(service, socket, origin),
      (error: unknown) => {
        this.#log.error('the express lane failed to load', { error });
        socket.destroy();
      },
    );
  }

  #load(): Promise<FrontService> {
    const { data, clock } = this.#options;
    this.#loading ??= this.#loadService(data, clock);
    return this.#loading;
  }

  async #loadService(data: FrontThreadData, clock: Clock): Promise<FrontService> {
    const { spans } = data.memory as HttpMemory;
    const counts = SpanCounts.of(spans, data.thread);
    const about = { counts, clock, log: this.#log, version: packageVersion() };
    const tracing = await openTracing(data.monitoring, about);
    const { frontService } = await import('./front-service.ts');
    this.#tracing = tracing;
    const options = {
      tracing,
      data,
      counts: this.#counts,
      audit: this.#audit,
      slowMs: this.#slowMs,
      log: this.#log,
      clock,
    };
    this.#service = frontService(options);
    return this.#service;
  }

  #take({ lane, duplicate }: FrontService, socket: Socket, origin: ConnectionOrigin): void {
    if (socket.destroyed) return;
    const post = (bytes: Buffer): void => this.#post(socket, bytes, origin, duplicate);
    const handOver = (bytes: Buffer): void => this.#handOver(socket, bytes, post);
    if (this.#isStopped) socket.destroy();
    else if (!lane.take(socket, origin, handOver)) handOver(NOTHING);
  }

  /** The main thread gets a descriptor of its own; Node has no way to move a socket. */
  #handOver(socket: Socket, bytes: Buffer, post: (bytes: Buffer) => void): void {
    socket.pause();
    // Answers that a slow client has not taken yet go out from here.
    if (socket.writableLength === 0) post(bytes);
    else socket.write(NOTHING, () => post(bytes));
  }

  #post(
    socket: Socket,
    bytes: Buffer,
    origin: ConnectionOrigin,
    duplicate: FrontService['duplicate'],
  ): void {
    const { fd } = (socket as unknown as { _handle?: { fd: number } })._handle ?? {};
    if (fd === undefined || fd < 0) {
      socket.destroy();
      return;
    }
    const rest = socket.read() as Buffer | null;
    try {
      const descriptor = duplicate(fd);
      const all = rest === null ? bytes : Buffer.concat([bytes, rest]);
      // A copy of its own: what was read lies in a buffer with others' bytes.
      const own = Uint8Array.from(all);
      this.#options.tell({ kind: 'adopt', descriptor, bytes: own, origin });
    } catch (error) {
      this.#log.error('a connection could not be handed over', { error });
    }
    socket.destroy();
  }
}
