// The command lines of `sql`, `import` and `export`: short and long options as psql has them, in the
// order in which they were given.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { RustyError } from '../errors/index.ts';
import type { ConnectionFlags } from '../terminal/connection/connection-options.ts';
import { parseFormat } from '../terminal/transfer/format.ts';
import { nearest } from '../util/nearest.ts';

/** The options of a connection, which all three have. */
export const CONNECTION_OPTIONS = {
  url: { type: 'string' },
  host: { type: 'string', short: 'h' },
  port: { type: 'string', short: 'p' },
  user: { type: 'string', short: 'U' },
  username: { type: 'string' },
  dbname: { type: 'string', short: 'd' },
  help: { type: 'boolean', short: '?' },
} as const satisfies ParseArgsOptionsConfig;

/** The options that `import` and `export` have in common. */
export const TRANSFER_OPTIONS = {
  ...CONNECTION_OPTIONS,
  format: { type: 'string' },
  delimiter: { type: 'string' },
  null: { type: 'string' },
  header: { type: 'boolean' },
  'no-header': { type: 'boolean' },
  progress: { type: 'boolean' },
  'no-progress': { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/** One option as it was given. */
export interface GivenOption {
  readonly name: string;
  /** Undefined for an option that takes none. */
  readonly value: string | undefined;
}

export interface TerminalArguments {
  readonly options: readonly GivenOption[];
  readonly words: readonly string[];
}

/** A command line that cannot be understood. */
export function refuse(what: string): never {
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

/** What `parseArgs` says, in one line and with the option that may have been meant. */
function explain(command: string, known: ParseArgsOptionsConfig, error: Error): string {
  const unknown = /^Unknown option '(-+)([^']+)'/.exec(error.message);
  const first = (error.message.split('\n')[0] ?? '').replace(/\. .*$/, '');
  if (unknown === null) return `${command}: ${first}`;
  const [, dashes = '', name = ''] = unknown;
  const alike = dashes === '--' ? nearest(name, Object.keys(known)) : undefined;
  const hint = alike === undefined ? `see rustydb ${command} --help` : `did you mean --${alike}?`;
  return `${command}: no option ${dashes}${name}; ${hint}`;
}

/** Takes the arguments behind the command apart. `CONFIGURATION_ERROR` where one is unknown. */
export function parseTerminalArguments(
  command: string,
  argv: readonly string[],
  known: ParseArgsOptionsConfig,
): TerminalArguments {
  try {
    const { tokens } = parseArgs({
      args: [...argv],
      options: known,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    return {
      options: tokens.flatMap((token) =>
        token.kind === 'option' ? [{ name: token.name, value: token.value }] : [],
      ),
      words: tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])),
    };
  } catch (error) {
    return refuse(explain(command, known, error as Error));
  }
}

/** The value of an option, the last one where it was given more than once. */
export function lastValue({ options }: TerminalArguments, name: string): string | undefined {
  return options.findLast((option) => option.name === name)?.value;
}

export function isGiven({ options }: TerminalArguments, name: string): boolean {
  return options.some((option) => option.name === name);
}

/** `--name` and `--no-name`; undefined where neither was given. */
export function choice(given: TerminalArguments, name: string): boolean | undefined {
  if (isGiven(given, `no-${name}`)) return false;
  return isGiven(given, name) ? true : undefined;
}

/** What the options say that `import` and `export` have in common. */
export function transferFlags(given: TerminalArguments) {
  const format = lastValue(given, 'format');
  return {
    format: format === undefined ? undefined : parseFormat(format),
    delimiter: oneCharacter('delimiter', lastValue(given, 'delimiter')),
    nullText: lastValue(given, 'null') ?? '',
    header: choice(given, 'header'),
    progress: choice(given, 'progress'),
  };
}

export function connectionFlags(given: TerminalArguments): ConnectionFlags {
  return {
    url: lastValue(given, 'url'),
    host: lastValue(given, 'host'),
    port: lastValue(given, 'port'),
    user: lastValue(given, 'user') ?? lastValue(given, 'username'),
    database: lastValue(given, 'dbname'),
  };
}

/** A whole number of at least `least`; `CONFIGURATION_ERROR` else. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  return refuse(`--${name} = ${JSON.stringify(text)}: allowed is an integer of at least ${least}`);
}

/** One character of ASCII; `\t` is a tab. `CONFIGURATION_ERROR` else. */
export function oneCharacter(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const character = text === '\\t' ? '\t' : text;
  if (/^[\t\x20-\x7e]$/.test(character)) return character;
  return refuse(`--${name} = ${JSON.stringify(text)}: allowed is one character`);
}
