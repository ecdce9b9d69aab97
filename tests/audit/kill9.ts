// Kills a server that records (`kill -9`), again and again, and checks the chain of its audit log after
// each: it is whole, it has grown, and nothing that it had before is gone.
//
//   node tests/audit/kill9.ts [--kills 100] [--seed N]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type AuditReport, verifyFolder } from '../../ts/audit/index.ts';
import { Random } from '../support/random.ts';
import { startTestServer } from '../support/server.ts';

const CLIENTS = 4;
/** How long a server records before it is killed, at most. */
const RUN_MS = 300;
/** Of a hundred servers so many are killed before they have answered anything. */
const EARLY_PERCENT = 20;
const MAIN = join(import.meta.dirname, '../../ts/main.ts');

/** Sends requests that are refused, each of which is recorded, until the server is gone. */
async function refusals(port: number, onAnswer: () => void): Promise<number> {
  let answered = 0;
  try {
    for (;;) {
      const headers = { origin: 'https://evil.example' };
      await fetch(`http://127.0.0.1:${port}/api/v1/version`, { headers });
      answered += 1;
      onAnswer();
    }
  } catch {
    return answered;
  }
}

export interface KillRun {
  readonly report: AuditReport;
  readonly answered: number;
}

/** Kills a server so many times; throws at the first fault of the chain. */
export async function killWriters(
  kills: number,
  seed: number,
  say: (line: string) => void,
): Promise<KillRun> {
  const random = new Random(seed);
  const dataPath = mkdtempSync(join(tmpdir(), 'rustydb-audit-kill9-'));
  const folder = join(dataPath, 'audit');
  const flags = ['--audit.requests', 'true', '--audit.segment_bytes', '64KiB'];
  let answered = 0;
  let report: AuditReport | undefined;
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const server = await startTestServer({ dataPath, flags });
      const first = Promise.withResolvers<void>();
      const clients = Array.from({ length: CLIENTS }, () =>
        refusals(server.httpPort, first.resolve),
      );
      if (!random.chance(EARLY_PERCENT)) await first.promise;
      await sleep(random.below(RUN_MS));
      await server.stop('SIGKILL');
      answered += (await Promise.all(clients)).reduce((sum, one) => sum + one, 0);
      const found = await verifyFolder(folder);
      say(`kill ${kill}: ${found.records} records, ${found.torn} torn, ${found.segments} segments`);
      if (found.problems.length > 0) throw new Error(`kill ${kill}: ${found.problems[0]}`);
      if ((found.last ?? 0) < (report?.last ?? 0))
        throw new Error(`kill ${kill}: records are gone`);
      report = found;
    }
    // The command says the same.
    execFileSync(process.execPath, [MAIN, 'audit', 'verify', '--data.path', dataPath]);
    if (report === undefined) throw new Error('nothing was killed');
    return { report, answered };
  } finally {
    rmSync(dataPath, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(process.pid) },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${values.seed}`);
  const { report, answered } = await killWriters(Number(values.kills), Number(values.seed), say);
  say(`${answered} requests answered; ${JSON.stringify(report)}`);
}
