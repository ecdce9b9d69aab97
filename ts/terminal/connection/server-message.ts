// Errors and notices of the server, worded as libpq words them: severity and message, the line of
// the statement with a caret below the place, detail, hint and context.
import { characterWidth } from '../print/display-width.ts';

/** The fields of an error or a notice, as the protocol names them. */
export interface ServerMessage {
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** 1-based, in characters of the statement. */
  readonly position?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: string | undefined;
  readonly routine?: string | undefined;
}

export type Verbosity = 'default' | 'verbose' | 'terse' | 'sqlstate';

/** When the context of a message is shown. */
export type ShowContext = 'never' | 'errors' | 'always';

export interface MessageStyle {
  readonly verbosity: Verbosity;
  readonly showContext: ShowContext;
}

export const DEFAULT_STYLE: MessageStyle = { verbosity: 'default', showContext: 'errors' };

/** The widest excerpt of a line, and how much of it stays right of the caret, in columns. */
const EXCERPT_COLUMNS = 60;
const RIGHT_COLUMNS = 10;

interface Measured {
  readonly character: string;
  /** The column of the screen where it starts. */
  readonly column: number;
}

/** The characters of a text, and behind them one that is none: where the text ends. */
function measure(text: string): readonly Measured[] {
  let column = 0;
  const measured = Array.from(text, (character) => {
    const start = column;
    column += Math.max(characterWidth(character), 1);
    return { character: character === '\t' ? ' ' : character, column: start };
  });
  return [...measured, { character: '', column }];
}

/** The line that holds the place, cut to what a screen shows, and a caret below it. */
function caretLines(statement: string, position: number): string {
  const all = measure(statement);
  const place = position - 1;
  if (place < 0 || place >= all.length) return '';
  const isEnd = (index: number) => /[\r\n]/.test(all[index]?.character ?? '');
  let start = place;
  while (start > 0 && !isEnd(start - 1)) start -= 1;
  let end = place;
  while (end < all.length - 1 && !isEnd(end)) end += 1;
  const text = (from: number, to: number) =>
    all
      .slice(from, to)
      .map(({ character }) => character)
      .join('');
  const lineNumber = text(0, start).split(/\r\n|\r|\n/).length;
  const column = (index: number) => all[index]?.column ?? 0;
  let isCutLeft = false;
  let isCutRight = false;
  if (column(end) - column(start) > EXCERPT_COLUMNS) {
    if (column(start) + EXCERPT_COLUMNS >= column(place) + RIGHT_COLUMNS) {
      while (column(end) - column(start) > EXCERPT_COLUMNS) end -= 1;
      isCutRight = true;
    } else {
      while (column(place) + RIGHT_COLUMNS < column(end)) {
        end -= 1;
        isCutRight = true;
      }
      while (column(end) - column(start) > EXCERPT_COLUMNS) {
        start += 1;
        isCutLeft = true;
      }
    }
  }
  const prefix = `LINE ${lineNumber}: ${isCutLeft ? '...' : ''}`;
  const indent = ' '.repeat(prefix.length + column(place) - column(start));
  return `${prefix}${text(start, end)}${isCutRight ? '...' : ''}\n${indent}^\n`;
}

function headLine(message: ServerMessage, { verbosity }: MessageStyle): string {
  const severity = message.severity ?? 'ERROR';
  if (verbosity === 'sqlstate') return `${severity}:  ${message.code}`;
  const code = verbosity === 'verbose' ? `${message.code}: ` : '';
  return `${severity}:  ${code}${message.message ?? ''}`;
}

function placeLines(message: ServerMessage, statement: string | undefined): string {
  if (message.position !== undefined) {
    if (statement !== undefined) return caretLines(statement, Number(message.position));
  } else if (message.internalPosition !== undefined && message.internalQuery !== undefined) {
    return caretLines(message.internalQuery, Number(message.internalPosition));
  }
  return '';
}

/** Names of what the message is about, and where in the server it was raised: verbose alone. */
function verboseLines(message: ServerMessage): string {
  const named = (title: string, value: string | undefined) =>
    value ? `${title}:  ${value}\n` : '';
  const { file, line, routine } = message;
  const place = file || line || routine;
  return [
    named('SCHEMA NAME', message.schema),
    named('TABLE NAME', message.table),
    named('COLUMN NAME', message.column),
    named('DATATYPE NAME', message.dataType),
    named('CONSTRAINT NAME', message.constraint),
    place
      ? `LOCATION:  ${routine ? `${routine}, ` : ''}${file ?? ''}${line ? `:${line}` : ''}\n`
      : '',
  ].join('');
}

/** The text of a message, with a line feed at its end. `statement` is what was sent. */
export function messageText(
  message: ServerMessage,
  statement: string | undefined,
  style: MessageStyle = DEFAULT_STYLE,
): string {
  const { verbosity, showContext } = style;
  const head = headLine(message, style);
  if (verbosity === 'sqlstate') return `${head}\n`;
  if (verbosity === 'terse') {
    const position = message.position ?? message.internalPosition;
    return `${head}${position === undefined ? '' : ` at character ${position}`}\n`;
  }
  const isError = /^(ERROR|FATAL|PANIC)$/.test(message.severity ?? 'ERROR');
  const showsContext = showContext === 'always' || (showContext === 'errors' && isError);
  const line = (title: string, value: string | undefined) => (value ? `${title}:  ${value}\n` : '');
  return [
    `${head}\n`,
    placeLines(message, statement),
    line('DETAIL', message.detail),
    line('HINT', message.hint),
    line('QUERY', message.internalQuery),
    showsContext ? line('CONTEXT', message.where) : '',
    verbosity === 'verbose' ? verboseLines(message) : '',
  ].join('');
}
