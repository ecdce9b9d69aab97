import type { ParseArgsOptionsConfig } from 'node:util';
import { RustyError } from '../errors/index.ts';
import { connectionOptions } from '../terminal/connection/connection-options.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import type { ImportOptions } from '../terminal/import/import-options.ts';
import { runImport } from '../terminal/import/run-import.ts';
import { parseFormat } from '../terminal/transfer/format.ts';
import {
  CONNECTION_OPTIONS,
  connectionFlags,
  isGiven,
  lastValue,
  oneCharacter,
  parseTerminalArguments,
  type TerminalArguments,
  wholeNumber,
} from './terminal-arguments.ts';

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  table: { type: 'string', short: 'T' },
  create: { type: 'boolean' },
  'no-create': { type: 'boolean' },
  format: { type: 'string' },
  delimiter: { type: 'string' },
  quote: { type: 'string' },
  null: { type: 'string' },
  header: { type: 'boolean' },
  'no-header': { type: 'boolean' },
  columns: { type: 'string' },
  'on-error': { type: 'string' },
  'reject-limit': { type: 'string' },
  report: { type: 'string' },
  progress: { type: 'boolean' },
  'no-progress': { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

function refuse(what: string): never {
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

function onErrorOf(given: TerminalArguments): ImportOptions['onError'] {
  const value = lastValue(given, 'on-error') ?? 'stop';
  if (value === 'stop' || value === 'skip') return value;
  return refuse(`--on-error = ${JSON.stringify(value)}: allowed are stop, skip`);
}

/** `--name` and `--no-name`; undefined where neither was given. */
function choice(given: TerminalArguments, name: string): boolean | undefined {
  if (isGiven(given, `no-${name}`)) return false;
  return isGiven(given, name) ? true : undefined;
}

/** What a command line of `rustydb import` asks for. */
export function importOptions(
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): ImportOptions {
  const given = parseTerminalArguments('import', argv, OPTIONS);
  const { words: files } = given;
  if (files.length === 0) refuse('import: no file; see rustydb import --help');
  const onError = onErrorOf(given);
  const limit = lastValue(given, 'reject-limit');
  const report = lastValue(given, 'report');
  if (onError === 'stop' && (limit !== undefined || report !== undefined)) {
    refuse('import: --reject-limit and --report go with --on-error skip');
  }
  const format = lastValue(given, 'format');
  const create = choice(given, 'create');
  return {
    connection: connectionOptions(connectionFlags(given), variables, 'rustydb import'),
    files,
    table: lastValue(given, 'table'),
    create: create === undefined ? 'if-missing' : create ? 'always' : 'never',
    format: format === undefined ? undefined : parseFormat(format),
    delimiter: oneCharacter('delimiter', lastValue(given, 'delimiter')),
    quote: oneCharacter('quote', lastValue(given, 'quote')) ?? '"',
    nullText: lastValue(given, 'null') ?? '',
    header: choice(given, 'header'),
    columns: lastValue(given, 'columns')
      ?.split(',')
      .map((name) => name.trim()),
    onError,
    rejectLimit: limit === undefined ? undefined : wholeNumber('reject-limit', limit, 1),
    report,
    progress: choice(given, 'progress'),
  };
}

/** The command; its exit code. */
export function importCommand(
  argv: readonly string[],
  environment: TerminalEnvironment,
): Promise<number> {
  return runImport(importOptions(argv, environment.variables), environment);
}
