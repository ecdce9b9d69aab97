import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export const MAIN = join(import.meta.dirname, '../../ts/main.ts');

/** What a program said, and how it ended. */
export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a client: nothing of the machine's own, the server by libpq's variables. */
export function clientEnvironment(port: number): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(RUSTYDB_|NODE_|PG|LC_|LANG|COLUMNS)/.test(name),
  );
  return {
    ...Object.fromEntries(own),
    LANG: 'C.UTF-8',
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: 'rustydb',
    PGDATABASE: 'rustydb',
  };
}

/** Runs `rustydb` with these arguments against a server. */
export function rustydb(
  port: number,
  args: readonly string[],
  options: { readonly input?: string | Buffer; readonly cwd?: string } = {},
): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: clientEnvironment(port),
    maxBuffer: 256 * 1024 * 1024,
    input: options.input ?? '',
    cwd: options.cwd,
  });
  return { status, stdout, stderr };
}

/** A folder that goes with the test. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-terminal-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
