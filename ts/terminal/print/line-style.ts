/** The characters of one horizontal line. */
export interface Rule {
  readonly dash: string;
  readonly left: string;
  readonly middle: string;
  readonly right: string;
}

/** The characters that tables are drawn with. */
export interface LineStyle {
  readonly top: Rule;
  readonly between: Rule;
  readonly bottom: Rule;
  readonly vertical: string;
  /** At the end of a line whose cell goes on in the next one. */
  readonly goesOn: string;
}

const ASCII_RULE: Rule = { dash: '-', left: '+', middle: '+', right: '+' };

export const LINE_STYLES: Readonly<Record<'ascii' | 'unicode', LineStyle>> = {
  ascii: {
    top: ASCII_RULE,
    between: ASCII_RULE,
    bottom: ASCII_RULE,
    vertical: '|',
    goesOn: '+',
  },
  unicode: {
    top: { dash: '─', left: '┌', middle: '┬', right: '┐' },
    between: { dash: '─', left: '├', middle: '┼', right: '┤' },
    bottom: { dash: '─', left: '└', middle: '┴', right: '┘' },
    vertical: '│',
    goesOn: '↵',
  },
};
