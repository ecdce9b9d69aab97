// `\copy`: COPY whose file is one of this machine. The statement is sent with STDIN or STDOUT in
// place of the file, and its data stream between the two.
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { CopyIn } from '../connection/session.ts';
import { copyFromSource } from '../shell/copy-from-source.ts';
import { Output } from '../shell/output.ts';
import type { Shell } from '../shell/shell.ts';
import { foldName } from '../shell/slash-arguments.ts';
import { fileErrorText } from '../shell/system-error.ts';
import { failed, type MetaCall, type MetaResult } from './meta-command.ts';

interface CopyCommand {
  /** Behind COPY: the table with its columns, or a query in parentheses. */
  readonly what: string;
  readonly isFrom: boolean;
  readonly target: Target;
  readonly options: string;
}

type Target =
  | { readonly kind: 'file' | 'program'; readonly name: string }
  | { readonly kind: 'standard' | 'process' };

const TOKEN =
  /\s*(?:'((?:[^']|'')*)'|("(?:[^"]|"")*"(?:\."(?:[^"]|"")*")*|[^\s()',;"]+)|([\s\S]))/y;

/** The tokens of a text with where each starts and ends. */
function tokens(text: string): { text: string; literal: string | undefined; end: number }[] {
  const found: { text: string; literal: string | undefined; end: number }[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const literal = match[1]?.replaceAll("''", "'");
    if (match[0].trim() !== '')
      found.push({ text: match[0].trim(), literal, end: TOKEN.lastIndex });
  }
  return found;
}

/** Takes the arguments of `\copy` apart; the token that cannot be where they are wrong. */
export function parseCopy(text: string): CopyCommand | { readonly wrongAt: string } {
  const all = tokens(text);
  const wrong = (index: number) => ({ wrongAt: all[index]?.text ?? 'end of line' });
  let depth = 0;
  const place = all.findIndex((token, index) => {
    if (token.text === '(') depth += 1;
    else if (token.text === ')') depth -= 1;
    return depth === 0 && index > 0 && /^(from|to)$/i.test(token.text);
  });
  if (place === -1) return wrong(all.length);
  const isFrom = /^from$/i.test(all[place]?.text ?? '');
  const next = all[place + 1];
  if (next === undefined) return wrong(place + 1);
  const what = text.slice(0, all[place - 1]?.end).trim();
  const behind = (index: number) => text.slice(all[index]?.end).replace(/;\s*$/, '').trim();
  const word = next.text.toLowerCase();
  if (word === 'program' && next.literal === undefined) {
    const name = all[place + 2]?.literal;
    if (name === undefined) return wrong(place + 2);
    return { what, isFrom, target: { kind: 'program', name }, options: behind(place + 2) };
  }
  let target: Target = { kind: 'file', name: next.literal ?? next.text };
  if (next.literal === undefined && /^(stdin|stdout)$/.test(word)) target = { kind: 'standard' };
  if (next.literal === undefined && /^(pstdin|pstdout)$/.test(word)) target = { kind: 'process' };
  if (target.kind === 'file' && next.text.startsWith('"')) {
    target = { kind: 'file', name: foldName(next.text) };
  }
  return { what, isFrom, target, options: behind(place + 1) };
}

async function pump(stream: Readable, copy: CopyIn): Promise<void> {
  try {
    for await (const chunk of stream) await copy.send(chunk as Buffer);
    copy.done();
  } catch (error) {
    copy.fail(error instanceof Error ? error.message : String(error));
  }
}

function opened<Stream extends Readable | Writable>(stream: Stream): Promise<Stream> {
  return new Promise((resolve, reject) => {
    stream.once('open', () => resolve(stream));
    stream.once('error', reject);
  });
}

async function copyFrom(shell: Shell, { target, statement }: Prepared): Promise<boolean> {
  let give: (copy: CopyIn) => void = (copy) => void copyFromSource(shell, copy);
  if (target.kind === 'file') {
    const stream = await opened(createReadStream(target.name));
    give = (copy) => void pump(stream, copy);
  } else if (target.kind === 'program') {
    const { stdout } = spawn(target.name, { shell: true, stdio: ['inherit', 'pipe', 'inherit'] });
    give = (copy) => void pump(stdout, copy);
  } else if (target.kind === 'process') {
    give = (copy) => void pump(shell.environment.stdin, copy);
  }
  return run(shell, statement, { copyIn: give });
}

async function copyTo(shell: Shell, { target, statement }: Prepared): Promise<boolean> {
  if (target.kind === 'standard' || target.kind === 'process') {
    const output = target.kind === 'standard' ? shell.output : shell.standardOutput;
    return run(shell, statement, { output, hidesTag: true });
  }
  const child =
    target.kind === 'program'
      ? spawn(target.name, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] })
      : undefined;
  const stream: Writable =
    child?.stdin ?? (await opened(createWriteStream(target.kind === 'file' ? target.name : '')));
  const closed = new Promise<void>((resolve) => (child ?? stream).once('close', () => resolve()));
  const output = new Output(stream, async () => {
    stream.end();
    await closed;
  });
  try {
    return await run(shell, statement, { output });
  } finally {
    await output.close();
  }
}

interface Prepared {
  readonly target: Target;
  readonly statement: string;
}

interface RunOptions {
  readonly copyIn?: (copy: CopyIn) => void;
  readonly output?: Output;
  readonly hidesTag?: boolean;
}

async function run(shell: Shell, statement: string, options: RunOptions): Promise<boolean> {
  const { output } = options;
  shell.isRunning = true;
  const { error } = await shell.session.run(statement, {
    ...(options.copyIn === undefined ? {} : { copyIn: options.copyIn }),
    copyOut(chunk) {
      if (output === undefined) return;
      output.writeBytes(Buffer.from(chunk));
      if (!output.isCongested) return;
      shell.session.pause();
      void output.drained().then(() => shell.session.resume());
    },
    complete(tag) {
      if (!shell.isQuiet && options.hidesTag !== true) shell.say(tag);
    },
  });
  shell.isRunning = false;
  if (error !== undefined) shell.showMessage(error, statement);
  return error === undefined;
}

export async function metaCopy({ shell, args }: MetaCall): Promise<MetaResult> {
  const text = args.wholeLine();
  if (text === '') return failed(shell, '\\copy: arguments required');
  const command = parseCopy(text);
  if ('wrongAt' in command) {
    const { wrongAt } = command;
    const where = wrongAt === 'end of line' ? 'end of line' : `"${wrongAt}"`;
    return failed(shell, `\\copy: parse error at ${where}`);
  }
  const { what, isFrom, target, options } = command;
  const direction = isFrom ? 'FROM STDIN' : 'TO STDOUT';
  const statement = `COPY ${what} ${direction} ${options}`;
  try {
    const prepared = { target, statement };
    const isWell = isFrom ? await copyFrom(shell, prepared) : await copyTo(shell, prepared);
    return isWell ? 'done' : 'failed';
  } catch (error) {
    const name = target.kind === 'file' || target.kind === 'program' ? target.name : '';
    return failed(shell, fileErrorText(name, error));
  }
}
