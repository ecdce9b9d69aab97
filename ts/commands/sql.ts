import type { ParseArgsOptionsConfig } from 'node:util';
import { RustyError } from '../errors/index.ts';
import { connectionOptions } from '../terminal/connection/connection-options.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import { runSql, type SqlOptions } from '../terminal/sql.ts';
import {
  CONNECTION_OPTIONS,
  connectionFlags,
  type GivenOption,
  isGiven,
  lastValue,
  parseTerminalArguments,
} from './terminal-arguments.ts';

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  command: { type: 'string', short: 'c', multiple: true },
  file: { type: 'string', short: 'f', multiple: true },
  set: { type: 'string', short: 'v', multiple: true },
  variable: { type: 'string', multiple: true },
  'no-psqlrc': { type: 'boolean', short: 'X' },
  'single-transaction': { type: 'boolean', short: '1' },
  'echo-all': { type: 'boolean', short: 'a' },
  'echo-errors': { type: 'boolean', short: 'b' },
  'echo-queries': { type: 'boolean', short: 'e' },
  'echo-hidden': { type: 'boolean', short: 'E' },
  list: { type: 'boolean', short: 'l' },
  output: { type: 'string', short: 'o' },
  quiet: { type: 'boolean', short: 'q' },
  'single-line': { type: 'boolean', short: 'S' },
  'no-align': { type: 'boolean', short: 'A' },
  csv: { type: 'boolean' },
  json: { type: 'boolean' },
  'field-separator': { type: 'string', short: 'F' },
  'record-separator': { type: 'string', short: 'R' },
  'field-separator-zero': { type: 'boolean', short: 'z' },
  'record-separator-zero': { type: 'boolean', short: '0' },
  pset: { type: 'string', short: 'P', multiple: true },
  'tuples-only': { type: 'boolean', short: 't' },
  expanded: { type: 'boolean', short: 'x' },
  password: { type: 'boolean', short: 'W' },
  'no-password': { type: 'boolean', short: 'w' },
} as const satisfies ParseArgsOptionsConfig;

/** Options that are one setting of `\pset`. */
const PRINT: Readonly<Record<string, (value: string) => readonly [string, string]>> = {
  'no-align': () => ['format', 'unaligned'],
  csv: () => ['format', 'csv'],
  json: () => ['format', 'json'],
  'field-separator': (value) => ['fieldsep', value],
  'record-separator': (value) => ['recordsep', value],
  'field-separator-zero': () => ['fieldsep', '\0'],
  'record-separator-zero': () => ['recordsep', '\0'],
  'tuples-only': () => ['tuples_only', 'on'],
  expanded: () => ['expanded', 'on'],
  pset: (value) => splitAtEquals(value),
};

/** Options that are one variable. */
const VARIABLES: Readonly<Record<string, (value: string) => readonly [string, string]>> = {
  set: (value) => splitAtEquals(value),
  variable: (value) => splitAtEquals(value),
  'echo-all': () => ['ECHO', 'all'],
  'echo-errors': () => ['ECHO', 'errors'],
  'echo-queries': () => ['ECHO', 'queries'],
  'echo-hidden': () => ['ECHO_HIDDEN', 'on'],
  quiet: () => ['QUIET', 'on'],
  'single-line': () => ['SINGLELINE', 'on'],
};

function splitAtEquals(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function pick(
  options: readonly GivenOption[],
  table: Readonly<Record<string, (value: string) => readonly [string, string]>>,
): (readonly [string, string])[] {
  return options.flatMap(({ name, value }) => {
    const make = table[name];
    return make === undefined ? [] : [make(value ?? '')];
  });
}

function actionsOf(options: readonly GivenOption[]): SqlOptions['actions'] {
  return options.flatMap(({ name, value = '' }): SqlOptions['actions'][number][] => {
    if (name === 'command') return [{ kind: 'text', value }];
    if (name === 'file') return [{ kind: 'script', value }];
    return name === 'list' ? [{ kind: 'text', value: '\\l' }] : [];
  });
}

/** What a command line of `rustydb sql` asks for. */
export function sqlOptions(
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): SqlOptions {
  const given = parseTerminalArguments('sql', argv, OPTIONS);
  const [database, user, ...more] = given.words;
  if (more.length > 0) {
    throw RustyError.of('CONFIGURATION_ERROR', { what: `sql: unexpected ${more.join(' ')}` });
  }
  const flags = connectionFlags(given);
  const connection = connectionOptions(
    { ...flags, database: flags.database ?? database, user: flags.user ?? user },
    variables,
    'rustydb sql',
  );
  const actions = actionsOf(given.options);
  const isSingleTransaction = isGiven(given, 'single-transaction');
  if (isSingleTransaction && actions.length === 0) {
    const what = 'sql: -1 can only be used in non-interactive mode, with -c or -f';
    throw RustyError.of('CONFIGURATION_ERROR', { what });
  }
  return {
    connection,
    actions,
    variables: pick(given.options, VARIABLES),
    print: pick(given.options, PRINT),
    isSingleTransaction,
    output: lastValue(given, 'output'),
    asksPassword: isGiven(given, 'password'),
  };
}

/** The command; its exit code is that of psql. */
export function sql(argv: readonly string[], environment: TerminalEnvironment): Promise<number> {
  return runSql(sqlOptions(argv, environment.variables), environment);
}
