// The loop over lines: gathers statements and sends them, runs backslash commands, keeps count of
// `\if` blocks. One run of it is one script, or the whole of an interactive session.

import type { MetaResult } from '../meta/meta-command.ts';
import { findCommand } from '../meta/registry.ts';
import { Conditions } from './conditions.ts';
import { InterruptedLine } from './interactive-lines.ts';
import { type LineSource, UnreadableInput } from './line-source.ts';
import { promptText } from './prompt.ts';
import { runCommand } from './run-command.ts';
import type { ExecuteOverrides, Shell } from './shell.ts';
import { SlashArguments } from './slash-arguments.ts';
import { StatementScanner } from './statement-scanner.ts';
import { parseBoolean } from './variables.ts';

/** Exit codes, as psql has them. */
export const SQL_EXIT = { ok: 0, failure: 1, connection: 2, script: 3 } as const;

export type SqlExit = (typeof SQL_EXIT)[keyof typeof SQL_EXIT];

/** How a step of the loop ended; `quit` and `stop` end the loop, `stop` as a failure. */
type Step = 'on' | 'failed' | 'quit' | 'stop';

class Loop {
  readonly #shell: Shell;
  readonly #source: LineSource;
  readonly #scanner: StatementScanner;
  readonly #conditions = new Conditions();

  constructor(shell: Shell, source: LineSource) {
    this.#shell = shell;
    this.#source = source;
    this.#scanner = new StatementScanner(shell.interpolate);
  }

  async run(): Promise<SqlExit> {
    for (;;) {
      this.#shell.isInterrupted &&= !this.#source.isInteractive;
      const line = await this.#nextLine();
      if (this.#isStopped()) return SQL_EXIT.script;
      if (line === undefined) break;
      if (this.#shell.variables.get('ECHO') === 'all' && !this.#source.isInteractive) {
        this.#shell.standardOutput.write(`${line}\n`);
      }
      const exit = this.#exitOf(await this.#line(line));
      if (exit !== undefined) return exit;
    }
    // A script's last statement needs no semicolon; what a user left half typed is not run.
    if (!this.#source.isInteractive && this.#hasStatement() && this.#conditions.isActive) {
      const exit = this.#exitOf(await this.#send());
      if (exit !== undefined) return exit;
    }
    if (this.#conditions.isOpen && !this.#source.isInteractive) {
      this.#shell.complain('reached EOF without finding closing \\endif(s)');
      if (this.#stopsAtErrors()) return SQL_EXIT.script;
    }
    return SQL_EXIT.ok;
  }

  /** Ctrl-C ends a script; a user gets the next prompt. */
  #isStopped(): boolean {
    return this.#shell.isInterrupted && !this.#source.isInteractive;
  }

  #stopsAtErrors(): boolean {
    return this.#shell.variables.isOn('ON_ERROR_STOP') && !this.#source.isInteractive;
  }

  #exitOf(step: Step): SqlExit | undefined {
    if (step === 'quit') return SQL_EXIT.ok;
    if (step === 'stop' || this.#isStopped()) return SQL_EXIT.script;
    if (this.#shell.session.state === 'lost' && !this.#source.isInteractive) {
      this.#shell.complain('connection to server was lost');
      return SQL_EXIT.connection;
    }
    return step === 'failed' && this.#stopsAtErrors() ? SQL_EXIT.script : undefined;
  }

  #hasStatement(): boolean {
    return this.#scanner.text.trim() !== '';
  }

  async #nextLine(): Promise<string | undefined> {
    this.#shell.output.flush();
    this.#shell.standardOutput.flush();
    try {
      return await this.#source.next(promptText(this.#shell, this.#scanner.openPart));
    } catch (error) {
      if (!(error instanceof InterruptedLine)) throw error;
      this.#scanner.reset();
      return '';
    }
  }

  async #line(line: string): Promise<Step> {
    const scanner = this.#scanner;
    if (this.#source.isInteractive && scanner.isEmpty && /^\s*(exit|quit)\s*;?\s*$/i.test(line)) {
      return 'quit';
    }
    if (this.#source.isInteractive && scanner.isEmpty && /^\s*help\s*$/i.test(line)) {
      this.#shell.say(
        'Type \\? for the commands of the terminal, \\h for those of SQL, \\q to quit.',
      );
      return 'on';
    }
    scanner.feed(line);
    let outcome: Step = 'on';
    for (;;) {
      const stop = scanner.scan();
      let step: Step = 'on';
      if (stop === 'semicolon') step = await this.#statement();
      else if (stop === 'backslash') step = await this.#command();
      else {
        const isSingleLine = this.#shell.variables.isOn('SINGLELINE');
        if (isSingleLine && scanner.openPart === 'statement') step = await this.#statement();
        if (step === 'failed') outcome = step;
        return step === 'quit' || step === 'stop' ? step : outcome;
      }
      if (step === 'quit' || step === 'stop') return step;
      if (step === 'failed') {
        outcome = 'failed';
        if (this.#stopsAtErrors() || this.#isStopped()) return 'failed';
        if (this.#shell.session.state === 'lost') return 'failed';
      }
    }
  }

  async #statement(): Promise<Step> {
    if (this.#conditions.isActive) return this.#send();
    this.#scanner.reset();
    return 'on';
  }

  /** Sends what was typed, else what was sent last. */
  async #send(overrides?: ExecuteOverrides): Promise<Step> {
    const typed = this.#scanner.text;
    this.#scanner.reset();
    const text = typed.trim() === '' && overrides !== undefined ? this.#shell.lastStatement : typed;
    if (text.trim() === '') return 'on';
    const isWell = await this.#shell.execute(text, overrides);
    if (this.#shell.session.state === 'lost' && this.#source.isInteractive) await this.#comeBack();
    return isWell ? 'on' : 'failed';
  }

  async #comeBack(): Promise<void> {
    const { environment, session } = this.#shell;
    environment.stderr.write('The connection to the server was lost. Attempting reset: ');
    try {
      await this.#shell.reconnect(session.options);
      environment.stderr.write('Succeeded.\n');
    } catch {
      environment.stderr.write('Failed.\n');
    }
  }

  async #command(): Promise<Step> {
    const { interpolate } = this.#shell;
    const isActive = this.#conditions.isActive;
    const run = isActive ? runCommand : () => '';
    const args = new SlashArguments(this.#scanner.rest, interpolate, run);
    const condition = this.#condition(args);
    if (condition !== undefined) {
      this.#scanner.replaceRest(args.rest());
      return condition;
    }
    if (!isActive) {
      args.all();
      this.#scanner.replaceRest(args.rest());
      return 'on';
    }
    const found = findCommand(args.name);
    if (found === undefined) {
      this.#scanner.replaceRest('');
      this.#shell.output.flush();
      this.#shell.complain(`invalid command \\${args.name}`);
      if (this.#source.isInteractive) this.#shell.environment.stderr.write('Try \\? for help.\n');
      return 'failed';
    }
    this.#shell.output.flush();
    const call = { shell: this.#shell, args, scanner: this.#scanner, name: args.name };
    const before = this.#scanner.rest;
    const result = await found.run(call);
    if (result !== 'failed') this.#warnOfMore(args);
    // `\e` puts a text of its own in place of the line.
    if (this.#scanner.rest === before) this.#scanner.replaceRest(args.rest());
    return this.#after(result);
  }

  #warnOfMore(args: SlashArguments): void {
    for (const extra of args.all()) {
      this.#shell.warn(`\\${args.name}: extra argument "${extra}" ignored`);
    }
  }

  async #after(result: MetaResult): Promise<Step> {
    if (result === 'done') return 'on';
    if (result === 'failed' || result === 'quit') return result;
    const step = await this.#send(result.send);
    await result.afterwards?.();
    return step;
  }

  /** `\if`, `\elif`, `\else`, `\endif`; undefined for any other command. */
  #condition(args: SlashArguments): Step | undefined {
    const conditions = this.#conditions;
    let wrong: string | undefined;
    switch (args.name) {
      case 'if':
        wrong = conditions.begin(conditions.isActive && this.#truth(args));
        break;
      case 'elif':
        wrong = conditions.otherwiseIf(conditions.asksAgain && this.#truth(args));
        break;
      case 'else':
        wrong = conditions.otherwise();
        break;
      case 'endif':
        wrong = conditions.end();
        break;
      default:
        return undefined;
    }
    args.all();
    if (wrong === undefined) return 'on';
    this.#shell.complain(wrong);
    return 'failed';
  }

  #truth(args: SlashArguments): boolean {
    const text = args.all().join(' ');
    const value = parseBoolean(text);
    if (value === undefined) {
      const what = `unrecognized value "${text}" for "\\${args.name} expression": Boolean expected`;
      this.#shell.complain(what);
    }
    return value === true;
  }
}

/** Runs all lines of a source; messages name its places meanwhile. */
export async function runLines(shell: Shell, source: LineSource): Promise<SqlExit> {
  const outer = shell.source;
  shell.source = source;
  try {
    return await new Loop(shell, source).run();
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    shell.complain(`could not read from input file: ${error.message}`);
    return SQL_EXIT.failure;
  } finally {
    shell.source = outer;
    source.close();
  }
}

/** Runs one text: a backslash command, or statements that are sent as one (`-c`). */
export async function runText(shell: Shell, text: string): Promise<boolean> {
  if (!text.trimStart().startsWith('\\')) return shell.execute(text);
  const args = new SlashArguments(text.trimStart(), shell.interpolate, runCommand);
  const found = findCommand(args.name);
  if (found === undefined) {
    shell.complain(`invalid command \\${args.name}`);
    return false;
  }
  const scanner = new StatementScanner(shell.interpolate);
  const result = await found.run({ shell, args, scanner, name: args.name });
  shell.output.flush();
  return result !== 'failed';
}
