import type { ExecuteOverrides, Shell } from '../shell/shell.ts';
import type { SlashArguments } from '../shell/slash-arguments.ts';
import type { StatementScanner } from '../shell/statement-scanner.ts';

/** What a command is called with. */
export interface MetaCall {
  readonly shell: Shell;
  readonly args: SlashArguments;
  /** The statement that is being typed. */
  readonly scanner: StatementScanner;
  /** The name as it was given: `dt+` is one command with `dt`. */
  readonly name: string;
}

/** What a command wants of the loop. */
export type MetaResult =
  | 'done'
  | 'failed'
  /** Ends this source of lines. */
  | 'quit'
  | {
      /** Sends the statement that is being typed, or the last one where there is none. */
      readonly send: ExecuteOverrides;
      readonly afterwards?: () => Promise<void>;
    };

/** A backslash command. */
export interface MetaCommand {
  /** All names, the one that help shows first. */
  readonly names: readonly string[];
  /** Its arguments, for help: `[FILE]`. */
  readonly usage: string;
  /** One line of help. */
  readonly what: string;
  readonly group: MetaGroup;
  run(call: MetaCall): Promise<MetaResult> | MetaResult;
}

export const META_GROUPS = [
  'General',
  'Query buffer',
  'Input and output',
  'Conditions',
  'Objects',
  'Format',
  'Connection',
  'System',
  'Variables',
] as const;

export type MetaGroup = (typeof META_GROUPS)[number];

/** Runs a command whose failure is one sentence for the user. */
export function failed(shell: Shell, what: string): 'failed' {
  shell.complain(what);
  return 'failed';
}
