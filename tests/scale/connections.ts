// Idle and active clients at once, quick ones, and some that vanish; afterwards the server's memory,
// its garbage collected, and its files are back at what they were after a first round of the same
// size.
//
//   node tests/scale/connections.ts [idle] [active] [quick]
import { setTimeout as sleep } from 'node:timers/promises';
import { COLLECT_SIGNAL, COLLECTING } from '../support/collecting.ts';
import { connection } from '../support/connection.ts';
import { eventually } from '../support/eventually.ts';
import { mebibytes, type ProcessUsage, usageOf } from '../support/process-usage.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type CrowdSize, createCrowdTable, crowd, quickConnects } from './crowd.ts';
import { vanishing } from './vanish.ts';

/** What a round may leave beyond the first: noise of allocators. */
const GROWTH_BYTES_MAX = 12 * 1024 * 1024;
/** Rounds after the first. */
const ROUNDS = 3;
const VANISH_TIMES = 5;
/** Each thread collects in a tenth of this; a busy machine is given more looks, in a row. */
const COLLECT_MS = 200;
const SAME_LOOKS = 3;

export interface ConnectionsOptions extends CrowdSize {
  report(line: string): void;
}

async function round(server: TestServer, size: CrowdSize): Promise<readonly string[]> {
  const problems = [
    ...(await crowd(server.port, size)),
    ...(await quickConnects(server.port, size.quick)),
    ...(await vanishing(server.port, VANISH_TIMES)),
  ];
  const watcher = connection(server.port);
  await watcher.connect();
  await eventually('all sessions end', async () => {
    const { rows } = await watcher.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'client backend'",
    );
    return rows[0].n === 1;
  });
  await watcher.end();
  return problems;
}

/** Waits until the last sockets are closed and collecting garbage gives nothing more. */
async function settled(pid: number, files: number | undefined): Promise<ProcessUsage> {
  let before = usageOf(pid);
  let same = 0;
  await eventually('files are closed, memory stays', async () => {
    process.kill(pid, COLLECT_SIGNAL);
    await sleep(COLLECT_MS);
    const now = usageOf(pid);
    const isClosed = files === undefined ? now.files === before.files : now.files <= files;
    same = isClosed && now.residentBytes >= before.residentBytes ? same + 1 : 0;
    before = now;
    return same === SAME_LOOKS;
  }).catch(() => undefined);
  return before;
}

/** Gives what is wrong: nothing, where all is well. */
export async function runConnections(options: ConnectionsOptions): Promise<readonly string[]> {
  const { report } = options;
  const server = await startTestServer({ environment: COLLECTING });
  const problems: string[] = [];
  const say = (when: string, { residentBytes, files }: ProcessUsage) =>
    report(`${when}: ${mebibytes(residentBytes)}, ${files} files`);
  try {
    const start = await settled(server.pid, undefined);
    say('start', start);
    await createCrowdTable(server.port, options.active);
    problems.push(...(await round(server, options)));
    const first = await settled(server.pid, undefined);
    say('first round', first);
    for (let turn = 1; turn <= ROUNDS; turn += 1) {
      problems.push(...(await round(server, options)));
      const now = await settled(server.pid, first.files);
      say(`round ${turn} after it`, now);
      if (now.files > first.files) problems.push(`${first.files} files became ${now.files}`);
      const growth = now.residentBytes - first.residentBytes;
      if (growth > GROWTH_BYTES_MAX) problems.push(`memory grew by ${mebibytes(growth)}`);
    }
  } finally {
    const code = await server.stop();
    if (code !== 0) problems.push(`the server ended with ${code}: ${server.log()}`);
  }
  return problems;
}

if (import.meta.main) {
  const [idle = 1000, active = 100, quick = 2000] = process.argv.slice(2).map(Number);
  const report = (line: string) => process.stdout.write(`${line}\n`);
  const problems = await runConnections({ idle, active, quick, statementsEach: 100, report });
  for (const problem of problems) report(`WRONG: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
