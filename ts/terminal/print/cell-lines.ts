// A cell as the lines that a screen shows of it: a line feed ends a line, a tab goes to the next
// multiple of eight, what cannot be printed is spelled out (`\r`, `\x1B`, `\u0085`).
import { characterWidth } from './display-width.ts';

/** One line of a cell. */
export interface CellLine {
  readonly text: string;
  /** In columns of the screen. */
  readonly width: number;
}

const PLAIN = /^[\x20-\x7e]*$/;
const TAB_COLUMNS = 8;

function spelledOut(character: string): string {
  if (character === '\r') return '\\r';
  const codePoint = character.codePointAt(0) ?? 0;
  const digits = codePoint.toString(16).toUpperCase();
  return codePoint < 0x80 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
}

function lineOf(text: string): CellLine {
  if (PLAIN.test(text)) return { text, width: text.length };
  let shown = '';
  let width = 0;
  for (const character of text) {
    const columns = characterWidth(character);
    if (character === '\t') {
      const gap = TAB_COLUMNS - (width % TAB_COLUMNS);
      shown += ' '.repeat(gap);
      width += gap;
    } else if (columns < 0) {
      const spelled = spelledOut(character);
      shown += spelled;
      width += spelled.length;
    } else {
      shown += character;
      width += columns;
    }
  }
  return { text: shown, width };
}

/** The lines of a cell; at least one. */
export function cellLines(text: string): readonly CellLine[] {
  if (PLAIN.test(text)) return [{ text, width: text.length }];
  return text.split('\n').map(lineOf);
}

/** The width of the widest line. */
export function widestLine(lines: readonly CellLine[]): number {
  let widest = 0;
  for (const { width } of lines) if (width > widest) widest = width;
  return widest;
}
