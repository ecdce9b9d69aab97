// The program: takes the arguments apart, reads the configuration, runs one command. The only module
// that reads the process's own state; everything else is handed what it needs.
import { readFileSync } from 'node:fs';
import { homedir, totalmem } from 'node:os';
import { type ConfigStore, openConfig } from '../config/index.ts';
import { RustyError } from '../errors/index.ts';
import {
  createLogger,
  type Logger,
  LogRing,
  redactText,
  standardErrorSink,
} from '../monitoring/index.ts';
import type { ServerModule } from '../server-contract.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import { systemClock } from '../util/clock.ts';
import { packageVersion } from '../version.ts';
import { parseArguments } from './arguments.ts';
import { auditVerify } from './audit-verify.ts';
import { isBuilt, isTerminal, type TerminalCommand } from './catalogue.ts';
import { configCheck } from './config-check.ts';
import { type CommandEnvironment, EXIT, type ExitCode } from './environment.ts';
import { helpText } from './help.ts';
import { start } from './start.ts';
import { verify } from './verify.ts';

/** How long the process may take to end by itself. */
const END_MS = 2000;

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw RustyError.of('CONFIGURATION_ERROR', { what: `${path}: cannot be read: ${code}` });
  }
}

/** The memory of the machine, or of the control group where that is less. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Loaded only once it is needed: it brings the engine's addon with it. */
function loadServer(): Promise<ServerModule> {
  return import('../server.ts');
}

function environmentOf(config: ConfigStore, recent = new LogRing()): CommandEnvironment {
  return {
    config,
    recent,
    variables: process.env,
    version: packageVersion(),
    pid: process.pid,
    clock: systemClock,
    print: (text) => void process.stdout.write(text),
    loadServer,
    onSignal(callback) {
      process.on('SIGTERM', callback);
      process.on('SIGINT', callback);
    },
    onReload: (callback) => void process.on('SIGHUP', callback),
    exitNow: (code) => process.exit(code),
  };
}

/** One line for what the user can mend, the stack for what only we can. */
function explain(error: unknown): string {
  if (error instanceof RustyError && error.code !== 'INTERNAL_ERROR') return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function exitCodeOf(error: unknown): ExitCode {
  const isUsage = error instanceof RustyError && error.code === 'CONFIGURATION_ERROR';
  return isUsage ? EXIT.usage : EXIT.failure;
}

/** Commands that log: a failure is a line of the log, with the stack where the fault is ours. */
async function runServerCommand(
  command: 'start' | 'verify',
  config: ConfigStore,
): Promise<ExitCode> {
  const { logLevel, logFormat } = config.config.monitoring;
  const recent = new LogRing();
  const sink = standardErrorSink();
  const log = createLogger({ level: logLevel, format: logFormat, sink, recent });
  process.on('uncaughtException', (error) => {
    log.critical('a fault of ours: the server stops', { error });
    sink.flush();
    process.exit(EXIT.failure);
  });
  try {
    const run = command === 'start' ? start : verify;
    return await run(environmentOf(config, recent), log);
  } catch (error) {
    const isOurs = !(error instanceof RustyError) || error.code === 'INTERNAL_ERROR';
    const message = error instanceof Error ? error.message : String(error);
    const dataPath = config.config.data.path;
    const what = isOurs ? { dataPath, error } : { dataPath, code: error.code };
    log.critical(`${command} failed: ${message}`, what);
    return exitCodeOf(error);
  } finally {
    if (sink.dropped() > 0) log.warn('lines of this log were lost', { lines: sink.dropped() });
    sink.flush();
    endSoon(log, sink);
  }
}

/** The process ends by itself once nothing is open; what is still open is a fault of ours. */
function endSoon(log: Logger, sink: { flush(): void }): void {
  systemClock.after(END_MS, () => {
    log.error('something still holds the process: it is ended');
    sink.flush();
    process.exit();
  });
}

function terminalEnvironment(): TerminalEnvironment {
  return {
    variables: process.env,
    clock: systemClock,
    version: packageVersion(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    home: homedir(),
    onInterrupt(callback) {
      process.on('SIGINT', callback);
      return () => process.off('SIGINT', callback);
    },
  };
}

/** Loaded only here: `start` has no use for a client. */
async function runTerminal(command: TerminalCommand, argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-?')) {
    process.stdout.write(helpText(command));
    return EXIT.ok;
  }
  // Who read the output is gone: the commands look at what a write answers.
  process.stdout.on('error', () => undefined);
  const { terminalCommand } = await import('./terminal-command.ts');
  return terminalCommand(command, argv, terminalEnvironment());
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (isTerminal(first)) return runTerminal(first, rest);
  const { command, wantsHelp, configPath, flags, words } = parseArguments(argv);
  if (wantsHelp) {
    const named = argv.some((argument) => argument === command);
    process.stdout.write(helpText(named ? command : undefined));
    return EXIT.ok;
  }
  if (!isBuilt(command)) {
    process.stderr.write(`rustydb: ${command} is not implemented in this version\n`);
    return EXIT.usage;
  }
  if (isTerminal(command)) {
    const what = `${command}: the command stands first, its options behind it`;
    throw RustyError.of('CONFIGURATION_ERROR', { what });
  }
  const expected = command === 'config' ? 'check' : command === 'audit' ? 'verify' : '';
  const files = command === 'audit' ? words.slice(1) : [];
  if (words.slice(0, words.length - files.length).join(' ') !== expected) {
    const what = expected === '' ? `unexpected ${words.join(' ')}` : `expected ${expected}`;
    throw RustyError.of('CONFIGURATION_ERROR', { what: `${command}: ${what}` });
  }
  if (command === 'version') {
    process.stdout.write(`rustydb ${packageVersion()}\n`);
    return EXIT.ok;
  }
  const sources = {
    flags,
    environment: process.env,
    ...(configPath === undefined ? {} : { configPath }),
    readFile: readOptional,
    memoryBytes: memoryBytes(),
  };
  const config = openConfig(sources, systemClock);
  if (command === 'config') return configCheck(environmentOf(config));
  if (command === 'audit') return auditVerify(environmentOf(config), files);
  return runServerCommand(command, config);
}

/** Runs the command that the arguments name and sets the exit code. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await runCommand(argv);
  } catch (error) {
    process.stderr.write(`rustydb: ${redactText(explain(error))}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
