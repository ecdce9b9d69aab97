import type { ParseArgsOptionsConfig } from 'node:util';
import { connectionOptions } from '../terminal/connection/connection-options.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import type { ImportOptions } from '../terminal/import/import-options.ts';
import { runImport } from '../terminal/import/run-import.ts';
import {
  choice,
  connectionFlags,
  lastValue,
  oneCharacter,
  parseTerminalArguments,
  refuse,
  type TerminalArguments,
  TRANSFER_OPTIONS,
  transferFlags,
  wholeNumber,
} from './terminal-arguments.ts';

const OPTIONS = {
  ...TRANSFER_OPTIONS,
  table: { type: 'string', short: 'T' },
  create: { type: 'boolean' },
  'no-create': { type: 'boolean' },
  quote: { type: 'string' },
  columns: { type: 'string' },
  'on-error': { type: 'string' },
  'reject-limit': { type: 'string' },
  report: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

function onErrorOf(given: TerminalArguments): ImportOptions['onError'] {
  const value = lastValue(given, 'on-error') ?? 'stop';
  if (value === 'stop' || value === 'skip') return value;
  return refuse(`--on-error = ${JSON.stringify(value)}: allowed are stop, skip`);
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
  const create = choice(given, 'create');
  return {
    connection: connectionOptions(connectionFlags(given), variables, 'rustydb import'),
    files,
    table: lastValue(given, 'table'),
    create: create === undefined ? 'if-missing' : create ? 'always' : 'never',
    ...transferFlags(given),
    quote: oneCharacter('quote', lastValue(given, 'quote')) ?? '"',
    columns: lastValue(given, 'columns')
      ?.split(',')
      .map((name) => name.trim()),
    onError,
    rejectLimit: limit === undefined ? undefined : wholeNumber('reject-limit', limit, 1),
    report,
  };
}

/** The command; its exit code. */
export function importCommand(
  argv: readonly string[],
  environment: TerminalEnvironment,
): Promise<number> {
  return runImport(importOptions(argv, environment.variables), environment);
}
