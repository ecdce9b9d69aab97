// The state of a terminal and the one way a statement takes: sent as it is, its results written as
// they come, its error shown with its place. Meta commands and the loop over lines work on this.

import { quoteIdentifier, quoteLiteral } from '../../util/quoting.ts';
import type { AskPassword } from '../connection/connect.ts';
import { connect } from '../connection/connect.ts';
import type { ConnectionOptions } from '../connection/connection-options.ts';
import {
  type MessageStyle,
  messageText,
  type ServerMessage,
  type ShowContext,
  type Verbosity,
} from '../connection/server-message.ts';
import type { ResultHandler, Session } from '../connection/session.ts';
import type { TerminalEnvironment } from '../environment.ts';
import { defaultPrintOptions, type PrintOptions } from '../print/print-options.ts';
import { copyFromSource } from './copy-from-source.ts';
import type { LineSource } from './line-source.ts';
import { Output } from './output.ts';
import { openPager } from './pager.ts';
import { ResultWriter } from './result-writer.ts';
import type { Interpolate } from './statement-scanner.ts';
import { timingLine } from './timing.ts';
import { Variables } from './variables.ts';

const SAVEPOINT = 'rustydb_terminal_savepoint';

/** How one statement differs from the others: `\g`, `\gx`, `\watch`. */
export interface ExecuteOverrides {
  readonly print?: Partial<PrintOptions>;
  readonly output?: Output;
}

export class Shell {
  readonly environment: TerminalEnvironment;
  readonly variables = new Variables();
  readonly standardOutput: Output;
  session: Session;
  print: PrintOptions = defaultPrintOptions();
  /** Where results go; `\o` changes it. */
  output: Output;
  isTiming = false;
  /** The statement that was sent last; `\g` and `\p` take it where the buffer is empty. */
  lastStatement = '';
  lastError: { readonly message: ServerMessage; readonly statement: string } | undefined;
  /** Where lines come from now. */
  source: LineSource;
  /** How many scripts include the one that runs. */
  includeDepth = 0;
  /** True while a statement is on its way, so that Ctrl-C means that one. */
  isRunning = false;
  /** Ctrl-C was pressed since the script, or the line, began. */
  isInterrupted = false;
  /** Whoever read standard output is gone: nothing is said any more. */
  isReaderGone = false;
  /** What Ctrl-C ends beside the statement that runs: a repetition. */
  whenInterrupted: (() => void) | undefined;
  /** Names for completion have changed. */
  onDefinition: () => void = () => {};
  readonly #ask: AskPassword;

  constructor(
    environment: TerminalEnvironment,
    session: Session,
    source: LineSource,
    ask: AskPassword,
  ) {
    this.environment = environment;
    this.session = session;
    this.source = source;
    this.#ask = ask;
    this.standardOutput = new Output(environment.stdout);
    this.output = this.standardOutput;
    this.#attach(session);
  }

  /** Puts variables into text, for the scanners. */
  readonly interpolate: Interpolate = (name, quoting) => {
    const value = this.variables.get(name);
    if (value === undefined || quoting === 'none') return value;
    return quoting === 'literal' ? quoteLiteral(value) : quoteIdentifier(value);
  };

  get isQuiet(): boolean {
    return this.variables.isOn('QUIET');
  }

  get messageStyle(): MessageStyle {
    return {
      verbosity: this.variables.get('VERBOSITY') as Verbosity,
      showContext: this.variables.get('SHOW_CONTEXT') as ShowContext,
    };
  }

  /** Ctrl-C: cancels the statement that runs, and ends a script. */
  interrupt(): void {
    this.isInterrupted = true;
    this.whenInterrupted?.();
    if (!this.isRunning) this.source.interrupt?.();
    if (this.isRunning) void this.session.cancel();
  }

  /** A line for the user, with the results. */
  say(line: string): void {
    this.output.write(`${line}\n`);
  }

  /** What went wrong, on standard error, with its place in the script. */
  complain(text: string): void {
    this.#toStandardError(this.source.name === undefined ? text : `error: ${text}`);
  }

  /** What may not be as it was meant, on standard error. */
  warn(text: string): void {
    this.#toStandardError(this.source.name === undefined ? text : `warning: ${text}`);
  }

  /** A message of the server, on standard error. */
  showMessage(message: ServerMessage, statement: string | undefined): void {
    this.#toStandardError(messageText(message, statement, this.messageStyle).trimEnd());
  }

  /** Connects to another database; the session before it stays where that fails. */
  async reconnect(options: ConnectionOptions): Promise<void> {
    const session = await connect(options, this.#ask);
    await this.session.close();
    this.session = session;
    this.#attach(session);
  }

  /** Sends a text and writes what comes back; false where it ended in an error. */
  async execute(text: string, overrides: ExecuteOverrides = {}): Promise<boolean> {
    const { variables, environment } = this;
    const echo = variables.get('ECHO');
    if (echo === 'queries') this.standardOutput.write(`${text}\n`);
    this.lastStatement = text;
    const beganMs = environment.clock.monotonicMs();
    if (!(await this.#openTransaction(text))) return false;
    const guarded = await this.#setSavepoint();

    const print = { ...this.print, ...overrides.print };
    const output = overrides.output ?? this.resultOutput(print);
    const writer = new ResultWriter({
      session: this.session,
      print,
      output,
      isQuiet: this.isQuiet,
      screenColumns: this.screenColumns(print),
      copyIn: (copy) => void copyFromSource(this, copy),
    });
    const error = await this.#send(text, writer);
    const elapsedMs = environment.clock.monotonicMs() - beganMs;
    if (output !== this.output && overrides.output === undefined) await output.close();
    if (error !== undefined) {
      writer.abandon();
      this.output.flush();
      this.showMessage(error, text);
      if (echo === 'errors') this.#toStandardError(`STATEMENT:  ${text}`);
    }
    this.#remember(error, text, writer.rowCount);
    if (guarded) await this.#endSavepoint(error !== undefined);
    if (this.isTiming) this.standardOutput.write(`${timingLine(elapsedMs)}\n`);
    if (error === undefined && /^\s*(create|alter|drop)\b/i.test(text)) this.onDefinition();
    this.output.flush();
    return error === undefined;
  }

  /** Runs a text of the terminal's own; its error is shown. `undefined` where it failed. */
  async query(text: string): Promise<(readonly (string | null)[])[] | undefined> {
    const hidden = this.variables.get('ECHO_HIDDEN') ?? 'off';
    if (hidden !== 'off') this.#echoHidden(text);
    if (hidden === 'noexec') return undefined;
    const rows: (readonly (string | null)[])[] = [];
    const error = await this.#send(text, { row: (cells) => void rows.push(cells) });
    if (error !== undefined) this.showMessage(error, text);
    return error === undefined ? rows : undefined;
  }

  /** The width that `auto` goes by: of `\pset columns`, else of the screen; 0 where there is none. */
  screenColumns(print: Readonly<PrintOptions>): number {
    if (print.columns > 0) return print.columns;
    const { stdout } = this.environment;
    return this.output === this.standardOutput && stdout.isTTY ? stdout.columns : 0;
  }

  /** The destination of a result: as `\o` says, or the pager where the user sees it. */
  resultOutput(print: Readonly<PrintOptions>): Output {
    const { stdout, stdin } = this.environment;
    const mayPage =
      this.output === this.standardOutput &&
      this.source.isInteractive &&
      stdout.isTTY === true &&
      stdin.isTTY === true;
    if (!mayPage || print.pager === 'off') return this.output;
    this.standardOutput.flush();
    return openPager(this.environment, this.source, print.pager === 'always');
  }

  #echoHidden(text: string): void {
    this.standardOutput.write(
      `********* QUERY **********\n${text}\n**************************\n\n`,
    );
  }

  async #send(text: string, handler: ResultHandler): Promise<ServerMessage | undefined> {
    this.isRunning = true;
    try {
      const { error } = await this.session.run(text, handler);
      return error;
    } finally {
      this.isRunning = false;
    }
  }

  /** Without AUTOCOMMIT a statement outside of a transaction opens one. */
  async #openTransaction(text: string): Promise<boolean> {
    if (this.variables.isOn('AUTOCOMMIT') || this.session.state !== 'idle') return true;
    const outside =
      /^\s*(begin|start|commit|end|abort|rollback|prepare\s+transaction|vacuum|checkpoint|create\s+database|drop\s+database|create\s+tablespace|drop\s+tablespace|alter\s+system)\b/i;
    if (outside.test(text)) return true;
    const error = await this.#send('BEGIN', {});
    if (error !== undefined) this.showMessage(error, 'BEGIN');
    return error === undefined;
  }

  async #setSavepoint(): Promise<boolean> {
    const wanted = this.variables.get('ON_ERROR_ROLLBACK') ?? 'off';
    const applies =
      wanted === 'interactive'
        ? this.source.isInteractive
        : this.variables.isOn('ON_ERROR_ROLLBACK');
    if (!applies || this.session.state !== 'open') return false;
    return (await this.#send(`SAVEPOINT ${SAVEPOINT}`, {})) === undefined;
  }

  async #endSavepoint(hasFailed: boolean): Promise<void> {
    if (this.session.state === 'idle' || this.session.state === 'lost') return;
    const verb = hasFailed ? 'ROLLBACK TO' : 'RELEASE';
    // The user's own COMMIT and savepoints may have taken it away; that is no error of theirs.
    if (/^\s*(savepoint|release|rollback|begin|start|commit)/i.test(this.lastStatement)) return;
    await this.#send(`${verb} ${SAVEPOINT}`, {});
  }

  #remember(error: ServerMessage | undefined, statement: string, rowCount: number): void {
    const { variables } = this;
    variables.set('ERROR', error === undefined ? 'false' : 'true');
    variables.set('SQLSTATE', error?.code ?? '00000');
    variables.set('ROW_COUNT', String(error === undefined ? rowCount : 0));
    if (error === undefined) return;
    this.lastError = { message: error, statement };
    variables.set('LAST_ERROR_MESSAGE', error.message ?? '');
    variables.set('LAST_ERROR_SQLSTATE', error.code ?? '');
  }

  #attach(session: Session): void {
    session.onNotice = (notice) => {
      this.output.flush();
      this.showMessage(notice, undefined);
    };
    session.onNotification = (channel, payload, processId) => {
      const what = payload === '' ? '' : ` with payload "${payload}"`;
      this.say(
        `Asynchronous notification "${channel}"${what} received from server process with PID ${processId}.`,
      );
    };
    const { variables } = this;
    variables.set('DBNAME', session.options.database);
    variables.set('USER', session.options.user);
    variables.set('HOST', session.options.host);
    variables.set('PORT', String(session.options.port));
    variables.set('SERVER_VERSION_NAME', session.parameter('server_version') ?? '');
    variables.set('ENCODING', session.parameter('client_encoding') ?? 'UTF8');
    variables.set('VERSION', this.environment.version);
  }

  #toStandardError(text: string): void {
    const { name, lineNumber } = this.source;
    const line = lineNumber === 0 ? '' : `:${lineNumber}`;
    const place = name === undefined ? '' : `rustydb:${name}${line}: `;
    if (this.isReaderGone) return;
    this.standardOutput.flush();
    this.environment.stderr.write(`${place}${text}\n`);
  }
}
