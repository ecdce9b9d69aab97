import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cachedFolder } from '../support/cache.ts';
import { hasOutside } from '../support/outside.ts';
import { run } from '../support/run.ts';
import { startTestServer } from '../support/server.ts';

const DRIVER = 'org.postgresql:postgresql:42.7.7';

/** The driver's jar, fetched once by Maven. */
function driverJar(): string {
  const folder = cachedFolder('java', DRIVER, (made) => {
    run('mvn', [
      '-q',
      '-B',
      'dependency:copy',
      `-Dartifact=${DRIVER}`,
      `-DoutputDirectory=${made}`,
    ]);
  });
  const jar = readdirSync(folder).find((name) => name.endsWith('.jar'));
  if (jar === undefined) throw new Error(`no jar in ${folder}`);
  return join(folder, jar);
}

test('java: pgjdbc', async (t) => {
  if (!hasOutside(t, 'java', 'default-jdk') || !hasOutside(t, 'mvn', 'maven')) return;
  const jar = driverJar();
  const server = await startTestServer();
  try {
    const url = `jdbc:postgresql://127.0.0.1:${server.port}/rustydb?user=rustydb`;
    t.notThrows(() => run('java', ['-cp', jar, join(import.meta.dirname, 'java/Check.java'), url]));
  } finally {
    await server.stop();
  }
});
