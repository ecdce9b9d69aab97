import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../ts/main.ts');

/** More than any test asks for: rates are held, and nobody meets them. */
const RATE_MAX = '1000000000';

/** Lines of the log that are kept to explain a failure. */
const LOG_LINES_KEPT = 100;

export interface TestServer {
  readonly port: number;
  readonly httpPort: number;
  readonly metricsPort: number | undefined;
  readonly pid: number;
  readonly dataPath: string;
  /** The last lines of standard error. */
  log(): string;
  /** Sends the signal and waits for the end; the exit code, or null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface TestServerOptions {
  /** Made and removed by the caller; without it, a folder of its own that goes with the server. */
  readonly dataPath?: string;
  /** Further flags: `['--data.sync', 'off']`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function firstLine(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      reject(new Error(`the server ended with ${code ?? signal} before it was ready:\n${log()}`));
    });
  });
}

/**
 * A server that already runs, for trying the tests themselves on PostgreSQL: RUSTYDB_TEST_PORT names
 * its port; it has a superuser and an empty database `rustydb`.
 */
function runningServer(port: number): TestServer {
  return {
    port,
    httpPort: 0,
    metricsPort: undefined,
    pid: 0,
    dataPath: '',
    log: () => '',
    stop: async () => 0,
  };
}

/** Starts a server on a free port and waits for its ready line. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const port = Number(process.env.RUSTYDB_TEST_PORT ?? 0);
  if (port > 0) return runningServer(port);
  const own = options.dataPath === undefined;
  const dataPath = options.dataPath ?? mkdtempSync(join(tmpdir(), 'rustydb-server-'));
  const ports = ['network.port', 'api.port', 'monitoring.metrics_port'];
  const free = ports.flatMap((key) => [`--${key}`, '0']);
  // Tests are one client that asks as fast as it can.
  const rate = ['--api.rate_limit_rps', RATE_MAX, '--api.rate_limit_burst', '0'];
  const args = ['start', ...free, ...rate, '--data.path', dataPath];
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(RUSTYDB|NODE)_/.test(name)),
  );
  const child = spawn(process.execPath, [MAIN, ...args, ...(options.flags ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...options.environment },
  });
  const lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    lines.push(...part.trimEnd().split('\n'));
    lines.splice(0, lines.length - LOG_LINES_KEPT);
  });
  const log = () => lines.join('\n');
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      if (own) rmSync(dataPath, { recursive: true, force: true });
      resolve(code);
    });
  });
  const ready = JSON.parse(await firstLine(child, log)) as {
    ports: { sql: number; http: number; metrics?: number };
    pid: number;
  };
  return {
    port: ready.ports.sql,
    httpPort: ready.ports.http,
    metricsPort: ready.ports.metrics,
    pid: ready.pid,
    dataPath,
    log,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}
