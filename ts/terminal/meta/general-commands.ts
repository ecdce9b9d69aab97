import { messageText } from '../connection/server-message.ts';
import type { Shell } from '../shell/shell.ts';
import { parseBoolean } from '../shell/variables.ts';
import type { MetaCommand } from './meta-command.ts';
import { statementHelp } from './statement-help.ts';

/** `\timing [on|off]`: sets, or turns around. */
function timing(shell: Shell, argument: string | undefined): 'done' | 'failed' {
  const value = argument === undefined ? !shell.isTiming : parseBoolean(argument);
  if (value === undefined) {
    shell.complain(`unrecognized value "${argument}" for "\\timing": Boolean expected`);
  }
  shell.isTiming = value ?? shell.isTiming;
  if (!shell.isQuiet) shell.say(`Timing is ${shell.isTiming ? 'on' : 'off'}.`);
  return value === undefined ? 'failed' : 'done';
}

export const GENERAL_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['q', 'quit'],
    usage: '',
    what: 'quit',
    group: 'General',
    run: () => 'quit',
  },
  {
    names: ['h', 'help'],
    usage: '[STATEMENT]',
    what: 'help on a statement of SQL; without one, list them',
    group: 'General',
    run({ shell, args }) {
      shell.output.write(statementHelp(args.wholeLine()));
      return 'done';
    },
  },
  {
    names: ['timing'],
    usage: '[on|off]',
    what: 'show how long each statement takes',
    group: 'General',
    run: ({ shell, args }) => timing(shell, args.next()),
  },
  {
    names: ['errverbose'],
    usage: '',
    what: 'show the last error with all that is known of it',
    group: 'General',
    run({ shell }) {
      if (shell.lastError === undefined) shell.say('There is no previous error.');
      else {
        const { message, statement } = shell.lastError;
        const style = { verbosity: 'verbose', showContext: 'always' } as const;
        shell.complain(messageText(message, statement, style).trimEnd());
      }
      return 'done';
    },
  },
];
