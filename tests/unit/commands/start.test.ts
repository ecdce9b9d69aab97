import test from 'ava';
import type { CommandEnvironment } from '../../../ts/commands/environment.ts';
import { start } from '../../../ts/commands/start.ts';
import { verify } from '../../../ts/commands/verify.ts';
import { openConfig } from '../../../ts/config/index.ts';
import { RustyError } from '../../../ts/errors/index.ts';
import { createLogger, LogRing } from '../../../ts/monitoring/index.ts';
import type { RunningServer } from '../../../ts/server-contract.ts';
import { systemClock } from '../../../ts/util/clock.ts';

const silent = createLogger({ level: 'critical', format: 'json', sink: { write() {} } });

function world(server: Partial<RunningServer> = {}, problems: readonly string[] = []) {
  const seen = { printed: [] as string[], exits: [] as number[], closed: 0, nowMs: 1000 };
  let signal: (name: string) => void = () => {};
  const environment: CommandEnvironment = {
    config: openConfig(
      { flags: [], environment: {}, readFile: () => undefined, memoryBytes: 1 },
      systemClock,
    ),
    recent: new LogRing(),
    variables: {},
    version: '1.2.3',
    pid: 42,
    clock: { ...systemClock, monotonicMs: () => seen.nowMs },
    print: (text) => void seen.printed.push(text),
    loadServer: async () => ({
      startServer: async () => ({
        ports: { sql: 5432 },
        dataPath: '/data',
        close: async () => {
          seen.closed += 1;
        },
        ...server,
      }),
      verifyData: async () => ({ dataPath: '/data', pages: 7, problems }),
    }),
    onSignal: (callback) => {
      signal = callback;
    },
    onReload: () => undefined,
    exitNow: (code) => void seen.exits.push(code),
  };
  return { environment, seen, signal: (name: string) => signal(name) };
}

async function printed(seen: { printed: string[] }): Promise<void> {
  while (seen.printed.length === 0) await new Promise((resolve) => setImmediate(resolve));
}

test('one ready line, then a signal closes in order', async (t) => {
  const { environment, seen, signal } = world();
  const running = start(environment, silent);
  await printed(seen);
  t.is(seen.closed, 0);
  signal('SIGTERM');
  t.is(await running, 0);
  t.is(seen.closed, 1);
  t.deepEqual(seen.printed, [
    '{"event":"ready","ports":{"sql":5432},"pid":42,"version":"1.2.3","dataPath":"/data"}\n',
  ]);
  t.deepEqual(seen.exits, []);
});

test('a second signal leaves at once, an echo of the first does not', async (t) => {
  const { environment, seen, signal } = world({ close: () => new Promise(() => {}) });
  void start(environment, silent);
  await printed(seen);
  signal('SIGINT');
  signal('SIGINT');
  t.deepEqual(seen.exits, []);
  seen.nowMs += 500;
  signal('SIGINT');
  t.deepEqual(seen.exits, [1]);
});

test('a server that cannot start prints nothing', async (t) => {
  const { environment, seen } = world();
  const failing = {
    ...environment,
    loadServer: async () => {
      throw RustyError.of('IO_ERROR', { what: 'port 5432 is in use' });
    },
  };
  await t.throwsAsync(start(failing, silent), { message: 'I/O error: port 5432 is in use' });
  t.deepEqual(seen.printed, []);
});

test('verify prints its report; problems make the exit code 1', async (t) => {
  const well = world();
  t.is(await verify(well.environment, silent), 0);
  t.deepEqual(well.seen.printed, [
    '{"event":"verified","dataPath":"/data","pages":7,"problems":[]}\n',
  ]);
  t.is(await verify(world({}, ['page 3 is torn']).environment, silent), 1);
});
