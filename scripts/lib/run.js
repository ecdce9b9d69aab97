// Child processes for the helper scripts: run to the end, show the output only when it matters.
import { spawn, spawnSync } from 'node:child_process';

/** A failure that is shown as one line, without a stack. */
export class ScriptError extends Error {}

/**
 * Runs a command to its end and throws on failure. Output goes to standard error, because the
 * standard output of `npm start` belongs to the server; with `quiet` it is shown only on failure.
 */
export function run(command, args, { quiet = false, ...options } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2];
  const result = spawnSync(command, args, { stdio, ...options });
  if (quiet && result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  }
  if (result.error) {
    throw new ScriptError(`${command}: ${result.error.message}`);
  }
  if (result.status !== 0) {
    const how = result.status === null ? `signal ${result.signal}` : `exit code ${result.status}`;
    throw new ScriptError(`${command} ${args.join(' ')}: ${how}`);
  }
}

/** The trimmed standard output of a command, or undefined where it is absent or fails. */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** True where the command exists and answers. */
export function answers(command, args) {
  return capture(command, args) !== undefined;
}

/**
 * Runs a command and hands over each line of its output as it comes.
 * Resolves to `{ code, signal, tail }`, `tail` being the last lines of both streams.
 */
export function stream(command, args, { onLine, env, cwd, tailLines = 200 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const tail = [];
    for (const [name, source] of [
      ['stdout', child.stdout],
      ['stderr', child.stderr],
    ]) {
      let rest = '';
      const take = (line) => {
        tail.push(line);
        if (tail.length > tailLines) tail.shift();
        onLine?.(line, name);
      };
      source.setEncoding('utf8');
      source.on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        lines.forEach(take);
      });
      source.on('end', () => {
        if (rest !== '') take(rest);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, tail }));
  });
}

/** Ends a script with one line for a `ScriptError`, with the whole stack for anything else. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    process.stderr.write(`${error instanceof ScriptError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
