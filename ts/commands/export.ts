import type { ParseArgsOptionsConfig } from 'node:util';
import { RustyError } from '../errors/index.ts';
import { connectionOptions } from '../terminal/connection/connection-options.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import { type ExportOptions, runExport } from '../terminal/export/run-export.ts';
import { formatOfName, parseFormat } from '../terminal/transfer/format.ts';
import {
  CONNECTION_OPTIONS,
  connectionFlags,
  isGiven,
  lastValue,
  oneCharacter,
  parseTerminalArguments,
} from './terminal-arguments.ts';

const OPTIONS = {
  ...CONNECTION_OPTIONS,
  query: { type: 'string', short: 'Q' },
  format: { type: 'string' },
  delimiter: { type: 'string' },
  null: { type: 'string' },
  header: { type: 'boolean' },
  'no-header': { type: 'boolean' },
  progress: { type: 'boolean' },
  'no-progress': { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

function refuse(what: string): never {
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

/** What a command line of `rustydb export` asks for. */
export function exportOptions(
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): ExportOptions {
  const given = parseTerminalArguments('export', argv, OPTIONS);
  const query = lastValue(given, 'query');
  const words = [...given.words];
  const table = query === undefined ? words.shift() : undefined;
  const [file = '-', ...more] = words;
  if (more.length > 0) refuse(`export: unexpected ${more.join(' ')}`);
  if (query === undefined && table === undefined) {
    refuse('export: no table and no --query; see rustydb export --help');
  }
  const format = lastValue(given, 'format');
  const progress = isGiven(given, 'no-progress') ? false : isGiven(given, 'progress') || undefined;
  return {
    connection: connectionOptions(connectionFlags(given), variables, 'rustydb export'),
    source:
      query === undefined ? { kind: 'table', name: table ?? '' } : { kind: 'query', text: query },
    file,
    format: format === undefined ? (formatOfName(file) ?? 'csv') : parseFormat(format),
    delimiter: oneCharacter('delimiter', lastValue(given, 'delimiter')),
    nullText: lastValue(given, 'null') ?? '',
    hasHeader: !isGiven(given, 'no-header'),
    progress,
  };
}

/** The command; its exit code. */
export function exportCommand(
  argv: readonly string[],
  environment: TerminalEnvironment,
): Promise<number> {
  return runExport(exportOptions(argv, environment.variables), environment);
}
