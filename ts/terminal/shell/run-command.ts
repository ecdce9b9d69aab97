import { spawnSync } from 'node:child_process';

/** The most output that a command in backquotes may have, in bytes. */
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/** Runs a command of the shell and gives what it writes. */
export function runCommand(command: string): string {
  const { stdout } = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'inherit'],
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  return stdout ?? '';
}
