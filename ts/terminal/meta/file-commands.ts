import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { openScript } from '../shell/line-source.ts';
import { fileErrorText } from '../shell/system-error.ts';
import { openTarget } from './buffer-commands.ts';
import { metaCopy } from './copy-command.ts';
import { failed, type MetaCall, type MetaCommand, type MetaResult } from './meta-command.ts';

/** How deep a script may include another. */
const INCLUDES_MAX = 50;

async function include({ shell, args, name }: MetaCall, isRelative: boolean): Promise<MetaResult> {
  const argument = args.next();
  if (argument === undefined) return failed(shell, `\\${name}: missing required argument`);
  const base = isRelative && shell.source.name !== undefined ? dirname(shell.source.name) : '';
  const path = base === '' || isAbsolute(argument) ? argument : join(base, argument);
  if (shell.includeDepth >= INCLUDES_MAX)
    return failed(shell, `\\${name}: scripts are nested too deeply`);
  let source: Awaited<ReturnType<typeof openScript>>;
  try {
    source = await openScript(path);
  } catch (error) {
    return failed(shell, fileErrorText(path, error));
  }
  // The loop knows the commands and the commands the loop: the one that is needed late comes late.
  const { runLines, SQL_EXIT } = await import('../shell/main-loop.ts');
  shell.includeDepth += 1;
  try {
    return (await runLines(shell, source)) === SQL_EXIT.ok ? 'done' : 'failed';
  } finally {
    shell.includeDepth -= 1;
  }
}

async function setOutput({ shell, args }: MetaCall): Promise<MetaResult> {
  const target = args.nextFileOrPipe();
  let next = shell.standardOutput;
  if (target !== undefined) {
    try {
      next = await openTarget(target);
    } catch (error) {
      return failed(shell, fileErrorText(target, error));
    }
  }
  const before = shell.output;
  shell.output = next;
  if (before !== shell.standardOutput) await before.close();
  return 'done';
}

/** Writes the arguments; `-n` as the first one leaves the line feed out. */
function echo(call: MetaCall, write: (text: string) => void): MetaResult {
  const words = call.args.all();
  const isOpen = words[0] === '-n';
  write(`${(isOpen ? words.slice(1) : words).join(' ')}${isOpen ? '' : '\n'}`);
  return 'done';
}

/** Opens the editor on a text; undefined where that failed or nothing was changed and saved. */
function edit(call: MetaCall, path: string | undefined, text: string): string | undefined {
  const { shell } = call;
  const { variables } = shell.environment;
  const editor = variables.PSQL_EDITOR || variables.EDITOR || variables.VISUAL || 'vi';
  const folder = path === undefined ? mkdtempSync(join(tmpdir(), 'rustydb-edit-')) : undefined;
  const file = path ?? join(folder ?? '', 'statement.sql');
  try {
    if (folder !== undefined) {
      writeFileSync(file, text === '' || text.endsWith('\n') ? text : `${text}\n`);
      chmodSync(file, 0o600);
    }
    shell.source.suspend?.();
    const { status, error } = spawnSync(`${editor} "$RUSTYDB_EDIT_FILE"`, {
      shell: true,
      stdio: 'inherit',
      env: { ...variables, RUSTYDB_EDIT_FILE: file },
    });
    if (error !== undefined || status !== 0) {
      shell.complain(`could not start editor "${editor}"`);
      return undefined;
    }
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    shell.complain(fileErrorText(file, error));
    return undefined;
  } finally {
    shell.source.resume?.();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export const FILE_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['copy'],
    usage: 'TABLE FROM|TO FILE ...',
    what: 'COPY between a table and a file of this machine',
    group: 'Input and output',
    run: metaCopy,
  },
  {
    names: ['i', 'include'],
    usage: 'FILE',
    what: 'run a script',
    group: 'Input and output',
    run: (call) => include(call, false),
  },
  {
    names: ['ir', 'include_relative'],
    usage: 'FILE',
    what: 'as \\i, from the folder of the script that says so',
    group: 'Input and output',
    run: (call) => include(call, true),
  },
  {
    names: ['o', 'out'],
    usage: '[FILE or |COMMAND]',
    what: 'send results to a file or a command; without one, back here',
    group: 'Input and output',
    run: setOutput,
  },
  {
    names: ['echo'],
    usage: '[-n] [TEXT]',
    what: 'write a text to standard output',
    group: 'Input and output',
    run: (call) => echo(call, (text) => call.shell.standardOutput.write(text)),
  },
  {
    names: ['qecho'],
    usage: '[-n] [TEXT]',
    what: 'write a text to where results go',
    group: 'Input and output',
    run: (call) => echo(call, (text) => call.shell.output.write(text)),
  },
  {
    names: ['warn'],
    usage: '[-n] [TEXT]',
    what: 'write a text to standard error',
    group: 'Input and output',
    run: (call) => echo(call, (text) => void call.shell.environment.stderr.write(text)),
  },
  {
    names: ['e', 'edit'],
    usage: '[FILE]',
    what: 'edit the statement, or a file, with $EDITOR',
    group: 'Query buffer',
    run(call) {
      const { shell, scanner } = call;
      const typed = scanner.text === '' ? shell.lastStatement : scanner.text;
      const text = edit(call, call.args.next(), typed);
      if (text === undefined) return 'failed';
      scanner.replace(text);
      if (shell.source.isInteractive) shell.say(text);
      return 'done';
    },
  },
  {
    names: ['w', 'write'],
    usage: 'FILE',
    what: 'write the statement that is being typed to a file',
    group: 'Query buffer',
    async run({ shell, args, scanner }) {
      const target = args.nextFileOrPipe();
      if (target === undefined) return failed(shell, '\\w: missing required argument');
      try {
        const output = await openTarget(target);
        const text = scanner.text === '' ? shell.lastStatement : scanner.text;
        output.write(text === '' ? '' : `${text}\n`);
        await output.close();
        return 'done';
      } catch (error) {
        return failed(shell, fileErrorText(target, error));
      }
    },
  },
  {
    names: ['cd'],
    usage: '[FOLDER]',
    what: 'change the folder that files are looked for in',
    group: 'System',
    run({ shell, args }) {
      const folder = args.next() ?? shell.environment.home;
      try {
        process.chdir(folder);
        return 'done';
      } catch (error) {
        const reason = fileErrorText('', error).replace(/^: /, '');
        return failed(shell, `\\cd: could not change directory to "${folder}": ${reason}`);
      }
    },
  },
  {
    names: ['!'],
    usage: '[COMMAND]',
    what: 'run a command of the shell',
    group: 'System',
    run({ shell, args }) {
      const command = args.wholeLine() || shell.environment.variables.SHELL || '/bin/sh';
      shell.standardOutput.flush();
      shell.source.suspend?.();
      const { status, error } = spawnSync(command, { shell: true, stdio: 'inherit' });
      shell.source.resume?.();
      if (error !== undefined) return failed(shell, '\\!: failed');
      shell.variables.set('SHELL_EXIT_CODE', String(status ?? 0));
      return 'done';
    },
  },
];
