/** How a result is written; `\pset` shows and sets each. */
export interface PrintOptions {
  format: 'aligned' | 'unaligned' | 'csv' | 'json';
  /** One line a column instead of one line a row; `auto` where a row is wider than the screen. */
  expanded: 'off' | 'on' | 'auto';
  /** Rows alone: no header, no title, no count. */
  tuplesOnly: boolean;
  /** 0 none, 1 between columns, 2 around the table too. */
  border: 0 | 1 | 2;
  lineStyle: 'ascii' | 'unicode';
  /** What stands for NULL. */
  nullText: string;
  /** Between the columns and between the rows of the unaligned format. */
  fieldSeparator: string;
  recordSeparator: string;
  csvSeparator: string;
  /** The line that counts the rows. */
  footer: boolean;
  title: string | undefined;
  /** `off`, where the output is longer than the screen, or for all output. */
  pager: 'off' | 'on' | 'always';
  /** The width that `auto` goes by; 0 is that of the screen. */
  columns: number;
}

export function defaultPrintOptions(): PrintOptions {
  return {
    format: 'aligned',
    expanded: 'off',
    tuplesOnly: false,
    border: 1,
    lineStyle: 'ascii',
    nullText: '',
    fieldSeparator: '|',
    recordSeparator: '\n',
    csvSeparator: ',',
    footer: true,
    title: undefined,
    pager: 'on',
    columns: 0,
  };
}
