// `rustydb sql`: connects, then runs what the command line says (texts and scripts), or what comes
// on standard input, or what the user types.
import { connect } from './connection/connect.ts';
import type { ConnectionOptions } from './connection/connection-options.ts';
import type { TerminalEnvironment } from './environment.ts';
import { openTarget } from './meta/buffer-commands.ts';
import { setPrintOption } from './meta/format-commands.ts';
import { Completion } from './shell/completion.ts';
import { History, historyPath } from './shell/history.ts';
import { InteractiveLines } from './shell/interactive-lines.ts';
import { type LineSource, openScript, StreamLines } from './shell/line-source.ts';
import { runLines, runText, SQL_EXIT, type SqlExit } from './shell/main-loop.ts';
import { readHidden } from './shell/read-hidden.ts';
import { Shell } from './shell/shell.ts';
import { fileErrorText } from './shell/system-error.ts';

/** What the command line asks for. */
export interface SqlOptions {
  readonly connection: ConnectionOptions;
  /** Texts (`-c`) and scripts (`-f`) in order; none means standard input. */
  readonly actions: readonly { readonly kind: 'text' | 'script'; readonly value: string }[];
  /** `-v NAME=VALUE` */
  readonly variables: readonly (readonly [string, string])[];
  /** `\pset` of the command line: `-A`, `-t`, `--csv`, ... */
  readonly print: readonly (readonly [string, string])[];
  readonly isSingleTransaction: boolean;
  /** Results go here; undefined is standard output. */
  readonly output: string | undefined;
  /** `-W` asks before it connects. */
  readonly asksPassword: boolean;
}

/** Runs the terminal; the exit code. Throws `ConnectFailure`. */
export async function runSql(
  options: SqlOptions,
  environment: TerminalEnvironment,
): Promise<SqlExit> {
  const ask = () => readHidden(environment, `Password for user ${options.connection.user}: `);
  const password = options.asksPassword ? await ask() : options.connection.password;
  const session = await connect({ ...options.connection, password }, ask);
  const input = new StreamLines(environment.stdin, undefined);
  const shell = new Shell(environment, session, input, ask);
  const forget = environment.onInterrupt(() => shell.interrupt());
  environment.stdout.on('error', () => {
    shell.isReaderGone = true;
    shell.interrupt();
  });
  try {
    if (!(await prepare(shell, options))) return SQL_EXIT.failure;
    return await runActions(shell, options);
  } finally {
    forget();
    if (shell.output !== shell.standardOutput) await shell.output.close();
    shell.standardOutput.flush();
    input.close();
    await shell.session.close();
  }
}

async function prepare(shell: Shell, options: SqlOptions): Promise<boolean> {
  for (const [name, value] of options.variables) {
    const wrong = shell.variables.set(name, value);
    if (wrong === undefined) continue;
    shell.complain(wrong);
    return false;
  }
  for (const [name, value] of options.print) {
    if (!setPrintOption(shell, name, value, true)) return false;
  }
  if (options.output === undefined) return true;
  try {
    shell.output = await openTarget(options.output);
    return true;
  } catch (error) {
    shell.complain(fileErrorText(options.output, error));
    return false;
  }
}

async function runActions(shell: Shell, options: SqlOptions): Promise<SqlExit> {
  const { stdin, stdout } = shell.environment;
  if (options.actions.length === 0) {
    if (stdin.isTTY && stdout.isTTY) return interact(shell);
    return runLines(shell, shell.source);
  }
  let exit: SqlExit = SQL_EXIT.ok;
  const stops = () => exit !== SQL_EXIT.ok && shell.variables.isOn('ON_ERROR_STOP');
  if (options.isSingleTransaction && !(await control(shell, 'BEGIN'))) exit = SQL_EXIT.failure;
  for (const action of options.actions) {
    if (stops() || shell.isReaderGone) break;
    shell.isInterrupted = false;
    exit = await runAction(shell, action);
    if (shell.session.state === 'lost') {
      if (action.kind === 'text') shell.complain('connection to server was lost');
      return SQL_EXIT.connection;
    }
  }
  if (options.isSingleTransaction) {
    const isWell = await control(shell, exit === SQL_EXIT.ok ? 'COMMIT' : 'ROLLBACK');
    if (!isWell && exit === SQL_EXIT.ok) exit = SQL_EXIT.failure;
  }
  return exit;
}

async function runAction(
  shell: Shell,
  { kind, value }: SqlOptions['actions'][number],
): Promise<SqlExit> {
  if (kind === 'text') {
    const echoes = shell.variables.get('ECHO') === 'all';
    if (echoes) shell.standardOutput.write(`${value}\n`);
    return (await runText(shell, value)) ? SQL_EXIT.ok : SQL_EXIT.failure;
  }
  let source: LineSource;
  try {
    source =
      value === '-' ? new StreamLines(shell.environment.stdin, '<stdin>') : await openScript(value);
  } catch (error) {
    shell.environment.stderr.write(`rustydb: error: ${fileErrorText(value, error)}\n`);
    return SQL_EXIT.failure;
  }
  return runLines(shell, source);
}

/** BEGIN and COMMIT around all; they say nothing unless they fail. */
async function control(shell: Shell, text: string): Promise<boolean> {
  return (await shell.query(text)) !== undefined;
}

async function interact(shell: Shell): Promise<SqlExit> {
  const { environment } = shell;
  const completion = new Completion(shell);
  const history = new History(shell.variables.get('HISTFILE') ?? historyPath(environment));
  const lines = new InteractiveLines(environment, history, (line) => completion.complete(line));
  lines.onInterrupt = () => shell.interrupt();
  if (!shell.isQuiet) {
    const server = shell.session.parameter('server_version') ?? '?';
    shell.say(`rustydb ${environment.version} (server speaks PostgreSQL ${server})`);
    shell.say('Type \\? for help, \\q to quit.\n');
  }
  const exit = await runLines(shell, lines);
  if (!shell.isQuiet) shell.standardOutput.write('\n');
  return exit;
}
