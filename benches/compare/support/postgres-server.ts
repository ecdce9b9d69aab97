// A PostgreSQL 15 of this machine, on a database of its own, as a benchmark's peer.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const BIN = '/usr/lib/postgresql/15/bin';

export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Of its first process. */
  readonly pid: string;
  stop(): void;
}

/** Puts a process and its children on these cores (`0`, `0-3`). */
export function pinTree(pid: string, cores: string): void {
  spawnSync('taskset', ['-a', '-c', '-p', cores, pid], { stdio: 'ignore' });
  const children = spawnSync('pgrep', ['-P', pid], { encoding: 'utf8' }).stdout.trim();
  for (const child of children.split('\n').filter(Boolean)) pinTree(child, cores);
}

/** As another user where we are root, which PostgreSQL refuses to run as. */
function asPostgres(command: string): void {
  if (userInfo().uid === 0) execFileSync('su', ['postgres', '-c', command], { stdio: 'ignore' });
  else execFileSync('sh', ['-c', command], { stdio: 'ignore' });
}

/** Ends the program where there is no PostgreSQL to compare with. */
export function requirePostgres(): void {
  if (existsSync(`${BIN}/postgres`)) return;
  process.stderr.write('PostgreSQL 15 is not installed (Debian: postgresql-15)\n');
  process.exit(1);
}

/** Starts one with durable commits and 1 GiB of buffers. */
export function startPostgres(): PostgresServer {
  const folder = mkdtempSync(join(tmpdir(), 'bench-postgres-'));
  if (userInfo().uid === 0) execFileSync('chown', ['postgres', folder]);
  const data = join(folder, 'data');
  const port = 40_000 + (process.pid % 20_000);
  asPostgres(`${BIN}/initdb -D ${data} --locale=C -E UTF8 -A trust -U bench`);
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c shared_buffers=1GB`;
  asPostgres(`${BIN}/pg_ctl -D ${data} -l ${folder}/log -w -o '${options}' start`);
  const pid = execFileSync('head', ['-1', join(data, 'postmaster.pid')], { encoding: 'utf8' });
  return {
    port,
    user: 'bench',
    database: 'postgres',
    pid: pid.trim(),
    stop() {
      asPostgres(`${BIN}/pg_ctl -D ${data} -m immediate stop`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
