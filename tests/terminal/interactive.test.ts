// The terminal on a screen: a pseudo-terminal that `script` opens, a user who types slowly.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '../support/eventually.ts';
import { hasOutside } from '../support/outside.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { clientEnvironment, MAIN, temporaryFolder } from './support.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

interface Screen {
  /** Types a text and waits until the screen shows `shown` below what was there. */
  type(text: string, shown: string): Promise<void>;
  readonly ended: Promise<number | null>;
  text(): string;
}

function open(t: ExecutionContext, home: string, args: readonly string[] = []): Screen {
  const command = ['stty rows 20 cols 80;', process.execPath, MAIN, 'sql', ...args].join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: {
      ...clientEnvironment(server.port),
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache'),
      TERM: 'xterm',
      PAGER: 'cat -n',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  t.teardown(() => t.passed || t.log(JSON.stringify(shown)));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  let from = 0;
  return {
    async type(text, expected) {
      child.stdin.write(text);
      await eventually(`${JSON.stringify(expected)} after ${JSON.stringify(text)}`, async () => {
        const at = shown.indexOf(expected, from);
        if (at === -1) return false;
        from = at + expected.length;
        return true;
      });
    },
    ended: new Promise((resolve) => child.on('close', resolve)),
    text: () => shown,
  };
}

test('prompts, several lines, completion, Ctrl-C, the pager, history', async (t) => {
  if (!hasOutside(t, 'script', 'bsdutils')) return;
  const home = temporaryFolder(t);
  const screen = open(t, home);
  await screen.type('', 'rustydb=#');
  await screen.type('CREATE TABLE journeys (destination text, cost int);\r', 'CREATE TABLE');
  await screen.type('SELECT 1,\r', 'rustydb-#');
  await screen.type("'a\r", "rustydb'#");
  await screen.type("';\r", '(1 row)');
  await screen.type('BEGIN;\r', 'rustydb=*#');
  await screen.type('SELECT nope;\r', 'rustydb=!#');
  await screen.type('ROLLBACK;\r', 'rustydb=#');
  await screen.type('TABLE jour', 'TABLE jour');
  await screen.type('\t', 'neys');
  await screen.type(';\r', '(0 rows)');
  await screen.type('SELECT dest', 'dest');
  await screen.type('\t', 'ination');
  await screen.type(' FROM journeys;\r', '(0 rows)');
  await screen.type('SELECT (1\r', 'rustydb(#');
  await screen.type('\x03', 'rustydb=#');
  await screen.type('SELECT pg_sleep(600);\r', 'pg_sleep(600);');
  await eventually('the statement is cancelled', async () => {
    await screen.type('\x03', '');
    return screen.text().includes('canceling statement due to user request');
  });
  // `cat -n` stands for the pager: it numbers what goes through it.
  await screen.type('SELECT i FROM generate_series(1, 40) AS g(i);\r', '43\t(40 rows)');
  await screen.type('SELECT i FROM generate_series(41, 43) AS g(i);\r', '(3 rows)');
  t.false(screen.text().includes('\t  41'));
  await screen.type("ALTER USER rustydb PASSWORD 'secret'\r", 'rustydb-#');
  await screen.type('\\r\r', 'reset (cleared)');
  await screen.type('\\q\r', '\n');
  t.is(await screen.ended, 0);
  const history = join(home, 'state/rustydb/history');
  t.true(existsSync(history));
  t.is(statSync(history).mode & 0o777, 0o600);
  const lines = readFileSync(history, 'utf8').split('\n');
  t.true(lines.includes('TABLE journeys;'));
  t.false(lines.some((line) => line.includes('secret')));
});

test('the history of the session before, and an end of input leaves', async (t) => {
  if (!hasOutside(t, 'script', 'bsdutils')) return;
  const home = temporaryFolder(t);
  const first = open(t, home);
  await first.type('', 'rustydb=#');
  await first.type("SELECT 'remembered';\r", '(1 row)');
  await first.type('\x04', '\n');
  t.is(await first.ended, 0);
  const second = open(t, home, ['-q']);
  await second.type('', 'rustydb=#');
  await second.type('\x1b[A', "SELECT 'remembered';");
  await second.type('\r', '(1 row)');
  await second.type('\\q\r', '\n');
  t.is(await second.ended, 0);
});
