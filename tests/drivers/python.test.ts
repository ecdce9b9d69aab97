import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cachedFolder } from '../support/cache.ts';
import { run } from '../support/run.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const FOLDER = join(import.meta.dirname, 'python');

let server: TestServer;
let packages: string;

test.before(async () => {
  const requirements = join(FOLDER, 'requirements.txt');
  packages = cachedFolder('python', readFileSync(requirements, 'utf8'), (folder) => {
    const quiet = ['--quiet', '--disable-pip-version-check'];
    run('python3', ['-m', 'pip', 'install', ...quiet, '--target', folder, '-r', requirements]);
  });
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

for (const name of ['psycopg', 'asyncpg']) {
  test(`python: ${name}`, (t) => {
    const url = `postgresql://rustydb@127.0.0.1:${server.port}/rustydb`;
    t.notThrows(() =>
      run('python3', [join(FOLDER, `check_${name}.py`), url], { PYTHONPATH: packages }),
    );
  });
}
