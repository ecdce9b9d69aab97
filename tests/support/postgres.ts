import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const BIN = '/usr/lib/postgresql/15/bin';

export interface TestPostgres {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  stop(): void;
}

export interface TestPostgresOptions {
  /** A folder that is kept with its data; without it, one of its own that goes with the server. */
  readonly folder?: string;
  /** Settings by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** True where PostgreSQL 15 is installed (Debian: postgresql-15). */
export function hasPostgres(): boolean {
  return existsSync(`${BIN}/postgres`);
}

/** As another user where we are root, which PostgreSQL refuses to run as. */
function asPostgres(command: string): void {
  if (userInfo().uid === 0) execFileSync('su', ['postgres', '-c', command], { stdio: 'ignore' });
  else execFileSync('sh', ['-c', command], { stdio: 'ignore' });
}

/** Starts a PostgreSQL 15 of this machine on a port of its own. */
export function startPostgres(options: TestPostgresOptions = {}): TestPostgres {
  const kept = options.folder;
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'postgres-'));
  mkdirSync(folder, { recursive: true });
  if (userInfo().uid === 0) execFileSync('chown', ['postgres', folder]);
  const data = join(folder, 'data');
  const port = 40_000 + (process.pid % 20_000);
  if (!existsSync(data)) {
    asPostgres(`${BIN}/initdb -D ${data} --locale=C -E UTF8 -A trust -U bench`);
  }
  const settings = Object.entries({ listen_addresses: '127.0.0.1', ...options.settings });
  const flags = settings.map(([name, value]) => `-c ${name}=${value}`).join(' ');
  const start = `-o '-p ${port} -k ${folder} ${flags}' start`;
  asPostgres(`${BIN}/pg_ctl -D ${data} -l ${folder}/log -w -t 120 ${start}`);
  return {
    port,
    user: 'bench',
    database: 'postgres',
    stop() {
      asPostgres(`${BIN}/pg_ctl -D ${data} -m fast -w stop`);
      if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
