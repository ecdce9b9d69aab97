// The scene of disk-full.test.ts, in a mount name space of its own.
//
//   unshare -rm node tests/hostile/disk-full.ts FOLDER
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { connection } from '../support/connection.ts';
import { run } from '../support/run.ts';
import { startTestServer } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../ts/main.ts');
const SMALL_MEBIBYTES = 160;
const LARGE_MEBIBYTES = 640;
const ROWS_A_COMMIT = 200;
const COMMITS_MAX = 5000;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('a folder to mount on');
const say = (line: string) => process.stdout.write(`${line}\n`);
const problems: string[] = [];
const expect = (what: string, found: unknown, wanted: unknown) => {
  if (found !== wanted) problems.push(`${what}: ${found}, not ${wanted}`);
};

/** Writes until an error; gives it and how many commits were acknowledged. */
async function fill(client: pg.Client, first: number): Promise<readonly [number, unknown]> {
  for (let commit = first; commit < first + COMMITS_MAX; commit += 1) {
    try {
      await client.query(
        `INSERT INTO filled SELECT ${commit}, n, repeat('x', 1000)
           FROM generate_series(1, ${ROWS_A_COMMIT}) AS n`,
      );
    } catch (error) {
      return [commit, error];
    }
  }
  return [first + COMMITS_MAX, undefined];
}

async function commitsOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query({
    text: 'SELECT count(DISTINCT number), count(*) FROM filled',
    rowMode: 'array',
  });
  return (rows[0] ?? []).join();
}

const codeOf = (error: unknown) => (error instanceof pg.DatabaseError ? error.code : `${error}`);

run('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_MEBIBYTES}m`, 'tmpfs', folder]);
const dataPath = join(folder, 'data');
const flags = ['--data.buffer_pool_bytes', '32MiB'];

let server = await startTestServer({ dataPath, flags });
let client = connection(server.port);
await client.connect();
await client.query('CREATE TABLE filled (number int, n int, x text, PRIMARY KEY (number, n))');
const [commits, error] = await fill(client, 0);
say(`full after ${commits} commits: ${error}`);
expect('the error', codeOf(error), '53100');
const wanted = `${commits},${commits * ROWS_A_COMMIT}`;
expect('read while full', await commitsOf(client), wanted);
const [more, again] = await fill(client, commits);
say(`again: ${more - commits} commits, then ${again}`);
await client.end();
const code = await server.stop();
say(`the end of a server on a full disk: ${code}\n${server.log()}`);

run('mount', ['-o', `remount,size=${LARGE_MEBIBYTES}m`, folder]);
server = await startTestServer({ dataPath, flags });
client = connection(server.port);
await client.connect();
expect('after a new start', await commitsOf(client), `${more},${more * ROWS_A_COMMIT}`);
await client.query(`INSERT INTO filled VALUES (${more}, 1, 'room')`);
await client.end();
expect('exit code', await server.stop(), 0);
const verify = spawnSync(process.execPath, [MAIN, 'verify', '--data.path', dataPath], {
  encoding: 'utf8',
});
expect('verify', verify.status, 0);
say(verify.stdout.slice(0, 500));

for (const problem of problems) say(`WRONG: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
