import type { ParseArgsOptionsConfig } from 'node:util';
import { connectionOptions } from '../terminal/connection/connection-options.ts';
import type { TerminalEnvironment } from '../terminal/environment.ts';
import { type ExportOptions, runExport } from '../terminal/export/run-export.ts';
import { formatOfName } from '../terminal/transfer/format.ts';
import {
  connectionFlags,
  lastValue,
  parseTerminalArguments,
  refuse,
  TRANSFER_OPTIONS,
  transferFlags,
} from './terminal-arguments.ts';

const OPTIONS = {
  ...TRANSFER_OPTIONS,
  query: { type: 'string', short: 'Q' },
} as const satisfies ParseArgsOptionsConfig;

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
  const { format = formatOfName(file) ?? 'csv', header = true, ...flags } = transferFlags(given);
  return {
    connection: connectionOptions(connectionFlags(given), variables, 'rustydb export'),
    source:
      query === undefined ? { kind: 'table', name: table ?? '' } : { kind: 'query', text: query },
    file,
    ...flags,
    format,
    hasHeader: header,
  };
}

/** The command; its exit code. */
export function exportCommand(
  argv: readonly string[],
  environment: TerminalEnvironment,
): Promise<number> {
  return runExport(exportOptions(argv, environment.variables), environment);
}
