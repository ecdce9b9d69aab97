import { chmodSync, mkdirSync, unlinkSync } from 'node:fs';
import { createServer, isIPv6, type ListenOptions, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { AuditEvent } from '../audit/index.ts';
import { type Config, isLoopback } from '../config/index.ts';
import { RustyError } from '../errors/index.ts';
import { ConnectionOrigins, type ConnectionReport, type DoorPolicy } from '../gateway/index.ts';
import { listenOn, requireFreePort, requireLoopback } from '../host/listen.ts';
import type { Logger } from '../monitoring/index.ts';
import { Front } from '../native/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock } from '../util/clock.ts';
import { SlabPool } from './slab-pool.ts';
import { SqlConnection } from './sql-connection.ts';

const SLAB_BYTES = 64 * 1024;
const IDLE_SLABS = 256;
const PORT_KEY = 'network.port';
/** As PostgreSQL says it. */
const CUT = RustyError.ofSqlstate('57P01', 'terminating connection due to administrator command');

export interface SqlListenerOptions {
  /** `Engine.handle`. */
  readonly engineHandle: number;
  readonly config: Config['network'];
  readonly log: Logger;
  readonly clock: Clock;
  /** Other threads listen on the port too. */
  readonly sharesPort: boolean;
  /** The audit log. */
  readonly record: (event: AuditEvent) => void;
  /** The one that this is; 0 is the main one. */
  readonly thread: number;
  readonly policy: DoorPolicy;
}

/** The SQL door: TCP and, where configured, a Unix socket, on one thread's front. */
export class SqlListener {
  #config: Config['network'];
  readonly #record: SqlListenerOptions['record'];
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #front: Front;
  readonly #servers: Server[] = [];
  readonly #slabs = new SlabPool(SLAB_BYTES, IDLE_SLABS);
  readonly #connections: BoundedMap<number, SqlConnection>;
  readonly #sharesPort: boolean;
  readonly #thread: number;
  readonly #policy: DoorPolicy;
  readonly #origins: ConnectionOrigins;
  #socketPath: string | undefined;

  constructor(options: SqlListenerOptions) {
    const { engineHandle, config, log, clock, sharesPort, thread, policy } = options;
    this.#record = options.record;
    this.#config = config;
    this.#sharesPort = sharesPort;
    this.#thread = thread;
    this.#policy = policy;
    this.#origins = new ConnectionOrigins(`s${thread}`, clock);
    this.#log = log.child('wire');
    this.#clock = clock;
    this.#connections = new BoundedMap({
      name: 'sql_connections',
      cap: config.maxConnections,
      whenFull: 'refuse',
    });
    this.#front = new Front(engineHandle, config.maxMessageBytes, (handle) =>
      this.#connections.get(handle)?.resume(),
    );
  }

  get size(): number {
    return this.#connections.size;
  }

  /** What is live of a changed configuration holds for connections that come. */
  configure(config: Config['network']): void {
    const { connectionTimeoutMs } = config;
    this.#config = { ...this.#config, connectionTimeoutMs };
  }

  /** Listens; answers the TCP port. */
  async listen(): Promise<number> {
    const { listenAddr, port, unixSocket } = this.#config;
    requireLoopback('network.listen_addr', listenAddr);
    const ipv6Only = isIPv6(listenAddr);
    const bound = await this.#listenOn(
      { host: listenAddr, port, ipv6Only, reusePort: this.#sharesPort },
      `${listenAddr}:${port}`,
    );
    if (unixSocket !== undefined) {
      mkdirSync(unixSocket, { recursive: true });
      this.#socketPath = join(unixSocket, `.s.PGSQL.${bound}`);
      this.#removeStaleSocket(this.#socketPath);
      await this.#listenOn({ path: this.#socketPath }, this.#socketPath);
      chmodSync(this.#socketPath, 0o700);
    }
    return bound;
  }

  /** Makes sure that no other server has the port. */
  async checkPortIsFree(): Promise<void> {
    const { listenAddr: host, port } = this.#config;
    if (!isLoopback(host)) return;
    const where = { host, port, ipv6Only: isIPv6(host) };
    await requireFreePort(where, { shown: `${host}:${port}`, portKey: PORT_KEY });
  }

  /** Accepts no more; connections that are open go on. */
  stopAccepting(): void {
    for (const server of this.#servers) server.close();
    if (this.#socketPath !== undefined) this.#removeStaleSocket(this.#socketPath);
  }

  /** Ends every connection as PostgreSQL does when an administrator stops it. */
  terminateAll(): void {
    for (const connection of this.#connections.values()) connection.terminate(CUT);
  }

  /** The connections of this thread. */
  reports(): readonly ConnectionReport[] {
    return [...this.#connections.values()].map((one) => one.report());
  }

  /** Ends the connection of this id as an administrator does; false where this thread has none. */
  closeConnection(id: string): boolean {
    const found = [...this.#connections.values()].find(({ origin }) => origin.id === id);
    found?.terminate(CUT);
    return found !== undefined;
  }

  destroyAll(): void {
    for (const connection of [...this.#connections.values()]) connection.destroy();
  }

  close(): void {
    this.#front.close();
  }

  #listenOn(where: ListenOptions, shown: string): Promise<number> {
    const server = createServer({ noDelay: this.#config.tcpNodelay, allowHalfOpen: false });
    server.on('connection', (socket) => this.#accept(socket));
    this.#servers.push(server);
    return listenOn(server, where, { shown, portKey: PORT_KEY });
  }

  #removeStaleSocket(path: string): void {
    try {
      unlinkSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  #accept(socket: Socket): void {
    const { keepaliveMs, connectionTimeoutMs } = this.#config;
    const { remoteAddress, remotePort } = socket;
    if (keepaliveMs > 0) socket.setKeepAlive(true, keepaliveMs);
    const connection = new SqlConnection({
      front: this.#front,
      socket,
      origin: this.#origins.next(),
      thread: this.#thread,
      clientAddress: remoteAddress === undefined ? 'unix' : `${remoteAddress}:${remotePort}`,
      isLocal: remoteAddress === undefined || isLoopback(remoteAddress),
      slabs: this.#slabs,
      log: this.#log,
      clock: this.#clock,
      connectionTimeoutMs,
      record: this.#record,
      onGone: (gone) => this.#connections.delete(gone.native.handle),
    });
    if (!this.#connections.set(connection.native.handle, connection)) {
      connection.refuse(RustyError.ofSqlstate('53300', 'sorry, too many clients already'));
      return;
    }
    const refusal = this.#policy.refusal('postgresql', remoteAddress);
    if (refusal !== undefined) connection.refuse(refusal);
  }
}
