// Of a public file with 50 broken lines exactly these are named, with the reason, whichever door it
// comes in by.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startTestServer } from '../support/server.ts';
import { rustydb } from '../terminal/support.ts';
import { type Broken, breakLines, TABLE } from './break.ts';

const SEEDS = [1, 2, 3];
const server = await startTestServer({ flags: ['--data.sync', 'off'] });
test.after.always(() => server.stop());

const sql = (text: string): string =>
  rustydb(server.port, ['sql', '-Atq', '-c', text]).stdout.trimEnd();

interface Named {
  readonly line: number;
  readonly reason: string;
}

function check(t: ExecutionContext, named: readonly Named[], broken: readonly Broken[]): void {
  const inOrder = named.toSorted((a, b) => a.line - b.line);
  t.deepEqual(
    inOrder.map(({ line }) => line),
    broken.map(({ line }) => line),
  );
  for (const [at, { reason, way }] of broken.entries()) {
    t.regex(inOrder[at]?.reason ?? '', reason, `${way}, line ${inOrder[at]?.line}`);
  }
}

for (const seed of SEEDS) {
  test(`by HTTP, seed ${seed}`, async (t) => {
    const { file, broken } = breakLines(seed);
    const table = `http_${seed}`;
    sql(`CREATE TABLE ${table} ${TABLE}`);
    const url = `http://127.0.0.1:${server.httpPort}/api/v1/import/${table}?onError=skip`;
    const headers = { 'content-type': 'text/csv' };
    const response = await fetch(url, { method: 'POST', headers, body: file as unknown as string });
    const report = (await response.json()) as {
      accepted: number;
      rejectedCount: number;
      rejected: Named[];
    };
    t.is(response.status, 200, JSON.stringify(report));
    check(t, report.rejected, broken);
    t.is(report.rejectedCount, 50);
    t.is(report.accepted, 42_049 - 50);
    t.is(sql(`SELECT count(*) FROM ${table}`), String(report.accepted));
    // Without leave to skip, the first broken line ends it and nothing stays.
    const stopped = await fetch(url.replace('skip', 'stop').replace(table, `${table}`), {
      method: 'POST',
      headers,
      body: file as unknown as string,
    });
    t.is(stopped.status >= 400 && stopped.status < 500, true);
    t.is(sql(`SELECT count(*) FROM ${table}`), String(report.accepted));
  });

  test(`by the terminal, seed ${seed}`, (t) => {
    const { file, broken } = breakLines(seed);
    const folder = mkdtempSync(join(tmpdir(), 'rustydb-bad-csv-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const [path, report] = [join(folder, 'broken.csv'), join(folder, 'report.ndjson')];
    writeFileSync(path, file);
    const table = `terminal_${seed}`;
    sql(`CREATE TABLE ${table} ${TABLE}`);
    const said = rustydb(server.port, [
      'import',
      path,
      '--table',
      table,
      '--on-error',
      'skip',
      '--report',
      report,
    ]);
    const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
    const named = lines.map((line) => JSON.parse(line) as Named);
    check(t, named, broken);
    t.is(sql(`SELECT count(*) FROM ${table}`), String(42_049 - 50), said.stderr);
  });
}
