import { basename } from 'node:path';
import type { Shell } from './shell.ts';
import type { OpenPart } from './statement-scanner.ts';

const MARKS: Readonly<Record<OpenPart, string>> = {
  nothing: '=',
  statement: '-',
  parenthesis: '(',
  'single-quote': "'",
  'double-quote': '"',
  'dollar-quote': '$',
  comment: '*',
};

function transactionMark(shell: Shell): string {
  switch (shell.session.state) {
    case 'open':
      return '*';
    case 'failed':
      return '!';
    case 'lost':
      return '?';
    case 'idle':
      return '';
  }
}

function sign(shell: Shell, character: string, open: OpenPart): string {
  const { options, processId, state } = shell.session;
  const isLost = state === 'lost';
  switch (character) {
    case '/':
      return options.database;
    case '~':
      return options.database === options.user ? '~' : options.database;
    case 'n':
      return options.user;
    case 'M':
      return options.host.startsWith('/') ? '[local]' : options.host;
    case 'm':
      return options.host.startsWith('/') ? '[local]' : (options.host.split('.')[0] ?? '');
    case '>':
      return String(options.port);
    case 'p':
      return isLost ? '' : String(processId);
    case 'R':
      return isLost && open === 'nothing' ? '!' : MARKS[open];
    case 'x':
      return transactionMark(shell);
    case '#':
      return shell.session.parameter('is_superuser') === 'on' ? '#' : '>';
    case 'l':
      return String(shell.source.lineNumber + 1);
    case 's':
      return basename(shell.source.name ?? '');
    case '%':
      return '%';
    case '[':
    case ']':
      return ''; // readline counts escape sequences by itself
    default:
      return '';
  }
}

/** The prompt: of `PROMPT1` where nothing is open, else of `PROMPT2`. */
export function promptText(shell: Shell, open: OpenPart): string {
  const template = shell.variables.get(open === 'nothing' ? 'PROMPT1' : 'PROMPT2') ?? '';
  return template.replace(/%(?::([^:]*):|([\s\S]))/g, (_, variable?: string, character?: string) =>
    variable !== undefined
      ? (shell.variables.get(variable) ?? '')
      : sign(shell, character ?? '', open),
  );
}
