import type { PrintOptions } from '../print/print-options.ts';
import type { Shell } from '../shell/shell.ts';
import { parseBoolean } from '../shell/variables.ts';
import { failed, type MetaCommand } from './meta-command.ts';

const FORMATS = ['aligned', 'csv', 'json', 'unaligned'] as const;

/** One option of `\pset`: sets it, says what it is, shows it in the list of all. */
interface Option {
  readonly name: string;
  /** Sets the option; the text of what is wrong, or undefined. `undefined` turns a switch around. */
  set(print: PrintOptions, value: string | undefined): string | undefined;
  /** `Border style is 1.` */
  say(print: Readonly<PrintOptions>): string;
  /** psql says nothing of a switch that was given its value. */
  readonly isQuietWithValue?: true;
  /** As the list of all options shows it. */
  show(print: Readonly<PrintOptions>): string;
}

type Switch = 'tuplesOnly' | 'footer';

const onOff = (value: boolean): string => (value ? 'on' : 'off');

const quoted = (text: string): string => `'${text.replaceAll('\n', '\\n').replaceAll("'", "\\'")}'`;

function setSwitch(
  print: PrintOptions,
  key: Switch,
  name: string,
  value: string | undefined,
): string | undefined {
  const wanted = value === undefined ? !print[key] : parseBoolean(value);
  if (wanted === undefined) return `unrecognized value "${value}" for "${name}": Boolean expected`;
  print[key] = wanted;
  return undefined;
}

function setExpanded(print: PrintOptions, value: string | undefined): string | undefined {
  if (value === undefined) print.expanded = print.expanded === 'off' ? 'on' : 'off';
  else if (value === 'auto') print.expanded = 'auto';
  else {
    const wanted = parseBoolean(value);
    if (wanted === undefined) {
      return `unrecognized value "${value}" for "expanded"\nAvailable values are: on, off, auto.`;
    }
    print.expanded = wanted ? 'on' : 'off';
  }
  return undefined;
}

function setPager(print: PrintOptions, value: string | undefined): string | undefined {
  if (value === 'always') print.pager = 'always';
  else if (value === undefined) print.pager = print.pager === 'on' ? 'off' : 'on';
  else {
    const wanted = parseBoolean(value);
    if (wanted === undefined) {
      return `unrecognized value "${value}" for "pager"\nAvailable values are: on, off, always.`;
    }
    print.pager = wanted ? 'on' : 'off';
  }
  return undefined;
}

const PAGER_TEXT = {
  on: 'Pager is used for long output.',
  always: 'Pager is always used.',
  off: 'Pager usage is off.',
} as const;

const EXPANDED_TEXT = {
  on: 'Expanded display is on.',
  auto: 'Expanded display is used automatically.',
  off: 'Expanded display is off.',
} as const;

const separator = (text: string): string => (text === '\0' ? 'is zero byte' : `is "${text}"`);

const TABLE_OPTIONS: readonly Option[] = [
  {
    name: 'border',
    set(print, value) {
      const border = value === undefined ? print.border : Number(value);
      if (border !== 0 && border !== 1 && border !== 2) {
        return '\\pset: allowed border styles are 0, 1, 2';
      }
      print.border = border;
      return undefined;
    },
    say: ({ border }) => `Border style is ${border}.`,
    show: ({ border }) => String(border),
  },
  {
    name: 'columns',
    set(print, value) {
      const columns = Number(value ?? print.columns);
      print.columns = Number.isSafeInteger(columns) && columns > 0 ? columns : 0;
      return undefined;
    },
    say: ({ columns }) =>
      columns === 0 ? 'Target width is unset.' : `Target width is ${columns}.`,
    show: ({ columns }) => String(columns),
  },
  {
    name: 'expanded',
    set: setExpanded,
    say: ({ expanded }) => EXPANDED_TEXT[expanded],
    show: ({ expanded }) => expanded,
  },
  {
    name: 'footer',
    set: (print, value) => setSwitch(print, 'footer', 'footer', value),
    isQuietWithValue: true,
    say: ({ footer }) => `Default footer is ${onOff(footer)}.`,
    show: ({ footer }) => onOff(footer),
  },
  {
    name: 'linestyle',
    set(print, value) {
      if (value === undefined) return undefined;
      const style = (['ascii', 'unicode'] as const).find((known) => known.startsWith(value));
      if (style === undefined) return '\\pset: allowed line styles are ascii, unicode';
      print.lineStyle = style;
      return undefined;
    },
    say: ({ lineStyle }) => `Line style is ${lineStyle}.`,
    show: ({ lineStyle }) => lineStyle,
  },
  {
    name: 'pager',
    set: setPager,
    say: ({ pager }) => PAGER_TEXT[pager],
    show: ({ pager }) => ({ off: '0', on: '1', always: '2' })[pager],
  },
  {
    name: 'title',
    set(print, value) {
      print.title = value === '' ? undefined : value;
      return undefined;
    },
    say: ({ title }) => (title === undefined ? 'Title is unset.' : `Title is "${title}".`),
    show: ({ title }) => (title === undefined ? '' : quoted(title)),
  },
];

const TEXT_OPTIONS: readonly Option[] = [
  {
    name: 'csv_fieldsep',
    set(print, value) {
      if (value === undefined) return undefined;
      if (value.length !== 1 || value > '\x7f') {
        return '\\pset: csv_fieldsep must be a single one-byte character';
      }
      if (/["\r\n]/.test(value)) {
        return '\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return';
      }
      print.csvSeparator = value;
      return undefined;
    },
    say: ({ csvSeparator }) => `Field separator for CSV is "${csvSeparator}".`,
    show: ({ csvSeparator }) => quoted(csvSeparator),
  },
  {
    name: 'fieldsep',
    set(print, value) {
      print.fieldSeparator = value ?? print.fieldSeparator;
      return undefined;
    },
    say: ({ fieldSeparator }) => `Field separator ${separator(fieldSeparator)}.`,
    show: ({ fieldSeparator }) => quoted(fieldSeparator),
  },
  {
    name: 'format',
    set(print, value) {
      if (value === undefined) return undefined;
      const format = FORMATS.find((known) => known.startsWith(value.toLowerCase()));
      if (format === undefined) return `\\pset: allowed formats are ${FORMATS.join(', ')}`;
      print.format = format;
      return undefined;
    },
    say: ({ format }) => `Output format is ${format}.`,
    show: ({ format }) => format,
  },
  {
    name: 'null',
    set(print, value) {
      print.nullText = value ?? print.nullText;
      return undefined;
    },
    say: ({ nullText }) => `Null display is "${nullText}".`,
    show: ({ nullText }) => quoted(nullText),
  },
  {
    name: 'recordsep',
    set(print, value) {
      print.recordSeparator = value ?? print.recordSeparator;
      return undefined;
    },
    say({ recordSeparator }) {
      if (recordSeparator === '\n') return 'Record separator is <newline>.';
      return `Record separator ${separator(recordSeparator)}.`;
    },
    show: ({ recordSeparator }) => quoted(recordSeparator),
  },
  {
    name: 'tuples_only',
    set: (print, value) => setSwitch(print, 'tuplesOnly', 'tuples_only', value),
    isQuietWithValue: true,
    say: ({ tuplesOnly }) => `Tuples only is ${onOff(tuplesOnly)}.`,
    show: ({ tuplesOnly }) => onOff(tuplesOnly),
  },
];

/** The width of the names in the list of all. */
const LIST_COLUMNS = 24;

const OPTIONS: readonly Option[] = [...TABLE_OPTIONS, ...TEXT_OPTIONS].sort((a, b) =>
  a.name < b.name ? -1 : 1,
);

const ALIASES: Readonly<Record<string, readonly [string, string | undefined]>> = {
  x: ['expanded', undefined],
  vertical: ['expanded', undefined],
  t: ['tuples_only', undefined],
  C: ['title', undefined],
  f: ['fieldsep', undefined],
  fieldsep_zero: ['fieldsep', '\0'],
  recordsep_zero: ['recordsep', '\0'],
};

/** Sets one option and says what it is now; `false` with a complaint where that cannot be. */
export function setPrintOption(
  shell: Shell,
  name: string,
  value: string | undefined,
  isQuiet = shell.isQuiet,
): boolean {
  const [wanted, fixed] = ALIASES[name] ?? [name, undefined];
  const option = OPTIONS.find((known) => known.name === wanted);
  const wrong =
    option === undefined
      ? `\\pset: unknown option: ${name}`
      : option.set(shell.print, fixed ?? value);
  if (wrong !== undefined) {
    shell.complain(wrong);
    return false;
  }
  if (option === undefined || isQuiet) return true;
  if (option.isQuietWithValue === undefined || value === undefined) {
    shell.say(option.say(shell.print));
  }
  return true;
}

function listOptions(shell: Shell): 'done' {
  for (const { name, show } of OPTIONS)
    shell.say(`${name.padEnd(LIST_COLUMNS)} ${show(shell.print)}`);
  return 'done';
}

/** A command that is one option of `\pset`. */
function shortcut(name: string, option: string, usage: string, what: string): MetaCommand {
  return {
    names: [name],
    usage,
    what,
    group: 'Format',
    run: ({ shell, args }) => (setPrintOption(shell, option, args.next()) ? 'done' : 'failed'),
  };
}

export const FORMAT_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['pset'],
    usage: '[OPTION [VALUE]]',
    what: 'set how results are written; without an option, show all',
    group: 'Format',
    run({ shell, args }) {
      const name = args.next();
      if (name === undefined) return listOptions(shell);
      return setPrintOption(shell, name, args.next()) ? 'done' : 'failed';
    },
  },
  shortcut('x', 'expanded', '[on|off|auto]', 'one line a column instead of one line a row'),
  shortcut('t', 'tuples_only', '[on|off]', 'rows alone, without names and count'),
  shortcut('f', 'fieldsep', '[TEXT]', 'what stands between columns of the unaligned format'),
  {
    names: ['C'],
    usage: '[TEXT]',
    what: 'a title above results',
    group: 'Format',
    run: ({ shell, args }) =>
      setPrintOption(shell, 'title', args.next() ?? '') ? 'done' : 'failed',
  },
  {
    names: ['a'],
    usage: '',
    what: 'turn between aligned and unaligned',
    group: 'Format',
    run({ shell }) {
      const format = shell.print.format === 'aligned' ? 'unaligned' : 'aligned';
      return setPrintOption(shell, 'format', format) ? 'done' : 'failed';
    },
  },
  ...['H', 'T'].map(
    (name): MetaCommand => ({
      names: [name],
      usage: name === 'T' ? '[TEXT]' : '',
      what: 'HTML is no format of this terminal',
      group: 'Format',
      run({ shell, args }) {
        args.wholeLine();
        return failed(shell, `\\${name}: HTML output is not implemented`);
      },
    }),
  ),
];
