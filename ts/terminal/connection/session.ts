// A connection as the terminal uses it: one text of statements at a time by the simple protocol,
// its results handed on row by row, with back-pressure, cancel requests and the state of the
// transaction. All that is known of the inside of `pg` is here.
import type { EventEmitter } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type pg from 'pg';
import { BoundedMap } from '../../util/bounded-map.ts';
import type { Cell, Column } from '../print/table-printer.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { ServerMessage } from './server-message.ts';

/** `idle` outside of a transaction, `failed` where only ROLLBACK helps, `lost` without a connection. */
export type SessionState = 'idle' | 'open' | 'failed' | 'lost';

/** Takes the data that `COPY ... FROM STDIN` asks for. */
export interface CopyIn {
  /** Waits where the connection is slower than the source. */
  send(chunk: Uint8Array): Promise<void>;
  done(): void;
  /** Ends the COPY with an error. */
  fail(reason: string): void;
}

/** What comes back of a text, in order. */
export interface ResultHandler {
  columns?(columns: readonly Column[]): void;
  row?(cells: readonly Cell[]): void;
  /** `SELECT 3`: a statement is done. */
  complete?(tag: string): void;
  /** The server wants data; without this it is refused. */
  copyIn?(copy: CopyIn): void;
  /** Data of `COPY ... TO STDOUT`; valid during the call alone. */
  copyOut?(chunk: Buffer): void;
}

/** How a text ended. */
export interface Outcome {
  /** The server's error; the statements behind it were not run. */
  readonly error: ServerMessage | undefined;
}

/** The parts of `pg`'s inner connection that its types leave out. */
interface InnerConnection extends EventEmitter {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

const STATES: Readonly<Record<string, SessionState>> = { I: 'idle', T: 'open', E: 'failed' };

const LOST: ServerMessage = {
  severity: 'FATAL',
  code: '08006',
  message: 'server closed the connection unexpectedly',
};

/** The settings that a server reports are few; more than this are no longer kept. */
const PARAMETERS_MAX = 200;
const CANCEL_CODE = 80_877_102;
const CANCEL_MS = 5_000;

/** One text on its way; what `pg` calls a submittable. */
class Run {
  readonly #text: string;
  readonly #handler: ResultHandler;
  readonly #ended: (error: ServerMessage | undefined) => void;
  #error: ServerMessage | undefined;

  constructor(text: string, handler: ResultHandler, ended: (error?: ServerMessage) => void) {
    this.#text = text;
    this.#handler = handler;
    this.#ended = ended;
  }

  submit(connection: unknown): void {
    (connection as InnerConnection).query(this.#text);
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.#handler.columns?.(fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID })));
  }

  handleDataRow({ fields }: { readonly fields: readonly Cell[] }): void {
    this.#handler.row?.(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#handler.complete?.(text);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: unknown): void {
    const inner = connection as InnerConnection;
    const copy: CopyIn = {
      async send(chunk) {
        inner.sendCopyFromChunk(chunk);
        if (inner.stream.writableNeedDrain) await drained(inner.stream);
      },
      done: () => inner.endCopyFrom(),
      fail: (reason) => inner.sendCopyFail(reason),
    };
    if (this.#handler.copyIn === undefined) copy.fail('no source of the data');
    else this.#handler.copyIn(copy);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#handler.copyOut?.(chunk);
  }

  /** Of the server or of the connection; the session says when the text has ended. */
  handleError(error: ServerMessage): void {
    this.#error = error;
  }

  handleReadyForQuery(): void {}

  end(isLost: boolean): void {
    this.#ended(isLost && this.#error?.severity === undefined ? LOST : this.#error);
  }
}

function drained(stream: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

export class Session {
  readonly options: ConnectionOptions;
  readonly #client: pg.Client;
  readonly #connection: InnerConnection;
  readonly #parameters = new BoundedMap<string, string>({
    name: 'server_parameters',
    cap: PARAMETERS_MAX,
    whenFull: 'refuse',
  });
  #state: SessionState = 'idle';
  #run: Run | undefined;
  #cancelling: Promise<void> | undefined;
  /** Called for each notice; set by who shows them. */
  onNotice: (notice: ServerMessage) => void = () => {};
  onNotification: (channel: string, payload: string, processId: number) => void = () => {};

  constructor(client: pg.Client, options: ConnectionOptions) {
    this.options = options;
    this.#client = client;
    this.#connection = (client as unknown as { connection: InnerConnection }).connection;
    client.on('error', () => undefined); // `end` follows
    client.on('end', () => this.#finish('lost'));
    client.on('notice', (notice) => this.onNotice(notice as ServerMessage));
    client.on('notification', ({ channel, payload, processId }) =>
      this.onNotification(channel, payload ?? '', processId),
    );
    this.#connection.on(
      'parameterStatus',
      (told: { parameterName: string; parameterValue: string }) =>
        this.#parameters.set(told.parameterName, told.parameterValue),
    );
    // After `pg`'s own listener, which was there first: it takes the next query by then.
    client.once('connect', () => {
      this.#connection.on('readyForQuery', ({ status }: { status: string }) =>
        this.#finish(STATES[status] ?? 'idle'),
      );
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The client of `pg`, for its COPY streams; nothing else may run meanwhile. */
  get client(): pg.Client {
    return this.#client;
  }

  get processId(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }

  /** A setting that the server reports: `server_version`, `is_superuser`, ... */
  parameter(name: string): string | undefined {
    return this.#parameters.get(name);
  }

  /** Runs a text of statements; resolves when the server is ready for the next one. */
  async run(text: string, handler: ResultHandler = {}): Promise<Outcome> {
    // A cancel request that is still on its way would hit this text instead of the one before.
    await this.#cancelling;
    if (this.#state === 'lost') return { error: LOST };
    return new Promise((resolve) => {
      const run = new Run(text, handler, (error) => resolve({ error }));
      this.#run = run;
      this.#client.query(run);
    });
  }

  /** Runs a text and collects the rows of its last result; for what is small by its nature. */
  async rows(
    text: string,
  ): Promise<{ rows: (readonly Cell[])[]; error: ServerMessage | undefined }> {
    let rows: (readonly Cell[])[] = [];
    const { error } = await this.run(text, {
      columns: () => {
        rows = [];
      },
      row: (cells) => void rows.push(cells),
    });
    return { rows, error };
  }

  /** Stops reading until `resume`: rows come faster than they are written. */
  pause(): void {
    this.#connection.stream.pause();
  }

  resume(): void {
    this.#connection.stream.resume();
  }

  /** Asks the server, by a connection of its own, to give up what runs. One request at a time. */
  cancel(): Promise<void> {
    this.#cancelling ??= this.#requestCancel().finally(() => {
      this.#cancelling = undefined;
    });
    return this.#cancelling;
  }

  /** Says goodbye; idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'lost') return;
    await this.#client.end();
  }

  #requestCancel(): Promise<void> {
    const { host, port } = this.options;
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(CANCEL_CODE, 4);
    request.writeInt32BE(this.processId, 8);
    request.writeInt32BE((this.#client as unknown as { secretKey: number }).secretKey, 12);
    return new Promise((resolve) => {
      const place = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
      const socket = createConnection({ ...place, signal: AbortSignal.timeout(CANCEL_MS) });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
      socket.end(request);
    });
  }

  #finish(state: SessionState): void {
    this.#state = state;
    const run = this.#run;
    this.#run = undefined;
    run?.end(state === 'lost');
  }
}
