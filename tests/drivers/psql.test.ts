import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { hasOutside } from '../support/outside.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

function connection(): string[] {
  return ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'rustydb'];
}

function psql(t: ExecutionContext, text: string, args: readonly string[] = []): string {
  const options = ['-X', '-v', 'ON_ERROR_STOP=1', ...connection(), ...args, 'rustydb'];
  const { status, stdout, stderr } = spawnSync('psql', options, { input: text, encoding: 'utf8' });
  t.is(status, 0, `${text}\n${stderr}\n${server.log()}`);
  return stdout;
}

test('psql: statements, and what it prints of them', (t) => {
  if (!hasOutside(t, 'psql', 'postgresql-client')) return;
  const out = psql(
    t,
    `CREATE TABLE t (a int PRIMARY KEY, b text);
     INSERT INTO t VALUES (1, 'x'), (2, NULL);
     SELECT * FROM t ORDER BY a;`,
  );
  t.is(out, 'CREATE TABLE\nINSERT 0 2\n a | b \n---+---\n 1 | x\n 2 | \n(2 rows)\n\n');
});

test('psql: the backslash commands', (t) => {
  if (!hasOutside(t, 'psql', 'postgresql-client')) return;
  psql(t, 'CREATE TABLE shown (a int PRIMARY KEY, b text NOT NULL); CREATE SEQUENCE counted;');
  t.regex(psql(t, '\\l\n'), /rustydb/);
  t.regex(psql(t, '\\dn\n'), /public/);
  t.regex(psql(t, '\\dt\n'), /shown/);
  t.regex(psql(t, '\\d shown\n'), /b\s+\| text\s+\|\s+\| not null[\s\S]*"shown_pkey" PRIMARY KEY/);
  t.regex(psql(t, '\\di\n'), /shown_pkey/);
  t.regex(psql(t, '\\ds\n'), /counted/);
  t.regex(psql(t, '\\du\n'), /rustydb/);
  psql(t, '\\dv\n');
});

test('psql: copy in and out', (t) => {
  if (!hasOutside(t, 'psql', 'postgresql-client')) return;
  psql(t, 'CREATE TABLE copied (a int, b text);\n\\copy copied from stdin\n1\tone\n2\t\\N\n\\.\n');
  t.is(psql(t, '\\copy copied to stdout csv\n'), '1,one\n2,\n');
});

test('pgbench: built-in scripts in every mode, and balances agree', (t) => {
  if (!hasOutside(t, 'pgbench', 'postgresql-contrib')) return;
  const pgbench = (args: readonly string[]) => {
    const all = [...connection(), ...args, 'rustydb'];
    const { status, stdout, stderr } = spawnSync('pgbench', all, { encoding: 'utf8' });
    t.is(status, 0, `${args.join(' ')}\n${stderr}`);
    return stdout + stderr;
  };
  pgbench(['-i', '-q', '-s', '1']);
  for (const mode of ['simple', 'extended', 'prepared']) {
    for (const script of ['tpcb-like', 'simple-update', 'select-only']) {
      const said = pgbench(['-n', '-c', '4', '-t', '25', '-M', mode, '-b', script]);
      t.regex(said, /transactions actually processed: 100\/100/, `${mode} ${script}`);
    }
  }
  const agrees = psql(
    t,
    `SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history),
            (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(bbalance) FROM pgbench_branches);`,
    ['-At'],
  );
  t.is(agrees, 't|t\n');
});
