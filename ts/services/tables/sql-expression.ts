// Expressions in SQL that a request may give: defaults, checks, queries of views. They are put into
// a statement as they stand, so they must end where they seem to.
import { RustyError } from '../../errors/index.ts';
import { type SqlPart, sql } from '../catalog/sql-part.ts';

/**
 * What stands together: quoted texts, names, dollar quotes, what opens one of these and is not
 * closed, or one character. A text with escapes goes on, with escapes, where a line ends between its
 * quotes.
 */
const TOKEN = new RegExp(
  [
    String.raw`[eE]'(?:[^'\\]|\\.|'')*'(?:\s*\n\s*'(?:[^'\\]|\\.|'')*')*(?!\s*\n\s*')`,
    "[eE]'",
    "'(?:[^']|'')*'",
    '"(?:[^"]|"")*"',
    String.raw`(\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$).*?\1`,
    String.raw`\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$`,
    '--',
    String.raw`/\*`,
    String.raw`[\p{L}_][\p{L}\p{N}_$]*`,
    '.',
  ].join('|'),
  'gsuy',
);

/** What is left of a quote that is not closed. */
const OPEN_QUOTE = /^(?:[eE]?'|"|\$[\p{L}\p{N}_]*\$)$/u;

const OPENS = '([';
const CLOSES = ')]';

/** Why the text is not one expression that ends where it seems to; undefined where it is. */
function faultOf(text: string): string | undefined {
  const open: string[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    if (OPEN_QUOTE.test(token)) return 'a quote is not closed';
    if (token === '--' || token === '/*') return 'comments are not allowed';
    if (token === ';') return 'it is more than one statement';
    if (token === '\0') return 'it has a character 0';
    if (OPENS.includes(token)) open.push(token);
    if (CLOSES.includes(token) && OPENS.indexOf(open.pop() ?? '-') !== CLOSES.indexOf(token)) {
      return `unmatched ${token}`;
    }
  }
  return open.length > 0 ? `unmatched ${open.at(-1)}` : undefined;
}

/** The expression, in no parentheses of its own. `what` names it in the VALIDATION_ERROR. */
export function expressionSql(what: string, text: string): SqlPart {
  const fault = text.trim() === '' ? 'it is empty' : faultOf(text);
  if (fault !== undefined) {
    throw RustyError.of('VALIDATION_ERROR', { what: `${what}: no expression of SQL: ${fault}` });
  }
  return sql.raw(text);
}
