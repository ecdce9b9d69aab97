import type { Cell, Column } from '../print/table-printer.ts';
import { type Output, openFileOutput, openPipeOutput } from '../shell/output.ts';
import { fileErrorText } from '../shell/system-error.ts';
import { setPrintOption } from './format-commands.ts';
import { failed, type MetaCall, type MetaCommand, type MetaResult } from './meta-command.ts';

/** `\gset` takes one row; more columns than this are no row of variables. */
const GSET_COLUMNS_MAX = 1_000;
/** Texts that `\gexec` runs at most. */
const GEXEC_TEXTS_MAX = 1_000_000;
const WATCH_DEFAULT_S = 2;

/** Opens what `\o` and `\g` name: a file, or a command behind `|`. */
export async function openTarget(target: string): Promise<Output> {
  return target.startsWith('|') ? openPipeOutput(target.slice(1)) : openFileOutput(target);
}

function sendable({ shell, scanner }: MetaCall): string {
  const typed = scanner.text;
  return typed.trim() === '' ? shell.lastStatement : typed;
}

/** `\g (format=csv tuples_only=on) FILE` */
async function go(call: MetaCall): Promise<MetaResult> {
  const { shell, args } = call;
  const kept = { ...shell.print };
  const first = args.nextFileOrPipe();
  let target = first;
  if (first?.startsWith('(')) {
    const words = [first.slice(1)];
    while (!(words.at(-1) ?? '').endsWith(')')) {
      const next = args.next();
      if (next === undefined) return failed(shell, `\\${call.name}: missing right parenthesis`);
      words.push(next);
    }
    const last = words.pop() ?? '';
    words.push(last.slice(0, -1));
    for (const word of words.filter((text) => text !== '')) {
      const [name = '', value] = word.split('=', 2);
      if (!setPrintOption(shell, name, value, true)) {
        shell.print = kept;
        return 'failed';
      }
    }
    target = args.nextFileOrPipe();
  }
  const print = { ...shell.print, ...(call.name === 'gx' ? { expanded: 'on' as const } : {}) };
  shell.print = kept;
  if (target === undefined) return { send: { print } };
  try {
    const output = await openTarget(target);
    return { send: { print, output }, afterwards: () => output.close() };
  } catch (error) {
    return failed(shell, fileErrorText(target, error));
  }
}

/** Runs the statement and gives its rows instead of writing them; undefined where it failed. */
async function collect(
  call: MetaCall,
  rowsMax: number,
): Promise<{ columns: readonly Column[]; rows: (readonly Cell[])[] } | undefined> {
  const { shell } = call;
  const text = sendable(call);
  call.scanner.reset();
  shell.lastStatement = text;
  let columns: readonly Column[] = [];
  const rows: (readonly Cell[])[] = [];
  let isCut = false;
  shell.isRunning = true;
  const { error } = await shell.session.run(text, {
    columns: (told) => {
      columns = told;
    },
    row: (cells) => {
      if (rows.length < rowsMax) rows.push(cells);
      else isCut = true;
    },
  });
  shell.isRunning = false;
  if (error !== undefined) shell.showMessage(error, text);
  else if (isCut && rowsMax > 2) shell.complain(`only the first ${rowsMax} rows are taken`);
  return error === undefined ? { columns, rows } : undefined;
}

async function gset(call: MetaCall): Promise<MetaResult> {
  const { shell, args } = call;
  const prefix = args.next() ?? '';
  if (sendable(call).trim() === '') return 'done';
  const found = await collect(call, 2);
  if (found === undefined) return 'failed';
  const [row, second] = found.rows;
  if (row === undefined) return failed(shell, 'no rows returned for \\gset');
  if (second !== undefined) return failed(shell, 'more than one row returned for \\gset');
  for (const [index, { name }] of found.columns.slice(0, GSET_COLUMNS_MAX).entries()) {
    const value = row[index] ?? null;
    if (value === null) shell.variables.unset(prefix + name);
    else {
      const wrong = shell.variables.set(prefix + name, value);
      if (wrong !== undefined) return failed(shell, wrong);
    }
  }
  return 'done';
}

async function gexec(call: MetaCall): Promise<MetaResult> {
  const { shell } = call;
  if (sendable(call).trim() === '') return 'done';
  const found = await collect(call, GEXEC_TEXTS_MAX);
  if (found === undefined) return 'failed';
  let isWell = true;
  for (const text of found.rows.flat()) {
    if (text === null) continue;
    if (!(await shell.execute(text))) isWell = false;
    if (!isWell && shell.variables.isOn('ON_ERROR_STOP')) break;
  }
  return isWell ? 'done' : 'failed';
}

/** `Sat Nov 21 18:22:04 2026`, as C's locale has it. */
function dateText(wallMs: number): string {
  const date = new Date(wallMs);
  const [day, month, number, year] = date.toDateString().split(' ');
  return `${day} ${month} ${number} ${date.toTimeString().slice(0, 8)} ${year}`;
}

/** `\watch [SECONDS]`: runs the statement again and again until Ctrl-C or an error. */
async function watch(call: MetaCall): Promise<MetaResult> {
  const { shell, args } = call;
  const argument = args.next();
  const seconds = argument === undefined ? WATCH_DEFAULT_S : Number(argument);
  const text = sendable(call);
  if (text.trim() === '') return failed(shell, '\\watch cannot be used with an empty query');
  if (!(seconds >= 0)) return failed(shell, `\\watch: invalid interval "${argument}"`);
  call.scanner.reset();
  const { clock } = shell.environment;
  let isStopped = false;
  let wake = () => {};
  shell.whenInterrupted = () => {
    isStopped = true;
    wake();
  };
  const kept = shell.print.title;
  try {
    while (!isStopped) {
      const label = `${dateText(clock.wallMs())} (every ${argument === undefined ? WATCH_DEFAULT_S : seconds}s)`;
      const title = kept === undefined ? `${label}\n` : `${kept}\t${label}\n`;
      if (!(await shell.execute(text, { print: { title, pager: 'off' } }))) return 'failed';
      if (isStopped) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        void clock.sleep(seconds * 1000).then(resolve);
      });
    }
    return 'done';
  } finally {
    shell.whenInterrupted = undefined;
  }
}

export const BUFFER_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['g'],
    usage: '[(OPTIONS)] [FILE or |COMMAND]',
    what: 'send the statement, its result to a file or a command',
    group: 'Query buffer',
    run: go,
  },
  {
    names: ['gx'],
    usage: '[(OPTIONS)] [FILE or |COMMAND]',
    what: 'as \\g, expanded',
    group: 'Query buffer',
    run: go,
  },
  {
    names: ['gset'],
    usage: '[PREFIX]',
    what: 'send the statement, its one row into variables',
    group: 'Query buffer',
    run: gset,
  },
  {
    names: ['gexec'],
    usage: '',
    what: 'send the statement, then each value of its result as a statement',
    group: 'Query buffer',
    run: gexec,
  },
  {
    names: ['watch'],
    usage: '[SECONDS]',
    what: 'send the statement every so many seconds',
    group: 'Query buffer',
    run: watch,
  },
  {
    names: ['p', 'print'],
    usage: '',
    what: 'show the statement that is being typed',
    group: 'Query buffer',
    run(call) {
      const text = sendable(call);
      if (text !== '') call.shell.say(text.replace(/\n$/, ''));
      else if (!call.shell.isQuiet) call.shell.say('Query buffer is empty.');
      return 'done';
    },
  },
  {
    names: ['r', 'reset'],
    usage: '',
    what: 'forget the statement that is being typed',
    group: 'Query buffer',
    run({ shell, scanner }) {
      scanner.reset();
      if (!shell.isQuiet) shell.say('Query buffer reset (cleared).');
      return 'done';
    },
  },
];
