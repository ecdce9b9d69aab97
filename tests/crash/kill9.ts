// Kills the server at random moments while clients write, starts it again on the same directory, and
// compares what it has with what the clients were told.
//
//   node tests/crash/kill9.ts [cycles] [seed]
//
// In half of the cycles half of the clients commit asynchronously: of their acknowledged commits the
// last may be lost, but none that is older than one that is there. Every sync mode has its turn: what
// a client was told must stay in each, for the operating system lives on.
//
// `kill -9` keeps what the operating system was given, so this tests recovery under the real server
// and its protocol; lost and torn writes are the business of the engine's crash tests.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../support/server.ts';
import { compareWithRecords } from './compare.ts';
import { Random } from './random.ts';
import { type ClientRecord, emptyRecords } from './record.ts';
import { createTables, Writer } from './writer.ts';

const MAIN = join(import.meta.dirname, '../../ts/main.ts');
/** Cycles on one directory; then it is closed, verified, and a new one begins. */
const CYCLES_PER_DIRECTORY = 25;
/** Of one directory after the other. */
const SYNC_MODES = ['full', 'normal', 'full', 'off'] as const;
const WRITE_MS_MAX = 1500;
const RECOVERY_MS_MAX = 1500;

export interface Kill9Options {
  readonly cycles: number;
  readonly seed: number;
  readonly cyclesPerDirectory?: number;
  report(line: string): void;
}

export interface Kill9Summary {
  readonly cycles: number;
  readonly killsInRecovery: number;
  readonly acknowledged: number;
  /** Commits without an answer that were there after the crash, and those that were not. */
  readonly inDoubtKept: number;
  readonly inDoubtLost: number;
  /** Asynchronous commits that were acknowledged and are gone. */
  readonly asynchronousLost: number;
  readonly problems: readonly string[];
}

const totalOf = (records: readonly ClientRecord[]) =>
  records.reduce((total, { committed }) => total + committed.length, 0);

/** Starts the server and kills it before, or just after, it has recovered. */
async function killWhileItRecovers(flags: readonly string[], random: Random): Promise<void> {
  const args = [MAIN, 'start', '--network.port', '0', '--api.port', '0', ...flags];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await sleep(random.below(RECOVERY_MS_MAX));
  child.kill('SIGKILL');
  await ended;
}

/** One directory's life: cycles of writing, killing and comparing. */
class Life {
  readonly #dataPath = mkdtempSync(join(tmpdir(), 'rustydb-kill9-'));
  readonly #records = emptyRecords();
  readonly #random: Random;
  readonly #flags: readonly string[];
  #moment = 0;
  killsInRecovery = 0;
  inDoubt = 0;
  inDoubtKept = 0;
  asynchronousLost = 0;

  constructor(random: Random, sync: string) {
    this.#random = random;
    this.#flags = ['--data.sync', sync];
  }

  get acknowledged(): number {
    return totalOf(this.#records) - this.inDoubtKept + this.asynchronousLost;
  }

  start(): Promise<TestServer> {
    return startTestServer({ dataPath: this.#dataPath, flags: this.#flags });
  }

  async begin(): Promise<TestServer> {
    const server = await this.start();
    await createTables(server.port);
    return server;
  }

  /** Writes, kills, starts again, compares. Gives the new server and what is wrong. */
  async cycle(server: TestServer): Promise<readonly [TestServer, readonly string[]]> {
    const random = this.#random;
    const someAreAsynchronous = random.chance(2);
    const now = () => {
      this.#moment += 1;
      return this.#moment;
    };
    const writers = this.#records.map((record, number) => {
      const isAsynchronous = someAreAsynchronous && number % 2 === 1;
      const own = new Random(random.below(2 ** 31));
      const { port } = server;
      return new Writer({ port, number, record, random: own, isAsynchronous, now }).run();
    });
    await sleep(random.below(WRITE_MS_MAX));
    await server.stop('SIGKILL');
    const ends = await Promise.all(writers);
    while (random.chance(3)) {
      await killWhileItRecovers(['--data.path', this.#dataPath, ...this.#flags], random);
      this.killsInRecovery += 1;
    }
    const next = await this.start();
    this.inDoubt += this.#records.filter(({ inDoubt }) => inDoubt !== undefined).length;
    const before = this.#records.map(({ committed }) => committed.length);
    const problems = await compareWithRecords(next.port, this.#records, random);
    this.#records.forEach(({ committed }, number) => {
      const change = committed.length - (before[number] ?? 0);
      this.inDoubtKept += Math.max(change, 0);
      this.asynchronousLost += Math.max(-change, 0);
    });
    const refused = ends.filter((end) => end instanceof Error && 'severity' in end);
    return [next, [...problems, ...refused.map((error) => `a writer ended with ${error}`)]];
  }

  /** Closes and verifies the directory, and removes it where it is well. */
  async end(server: TestServer): Promise<readonly string[]> {
    const code = await server.stop();
    if (code !== 0) return [`the server ended with ${code}: ${server.log()}`];
    const verify = spawnSync(process.execPath, [MAIN, 'verify', '--data.path', this.#dataPath]);
    if (verify.status !== 0) return [`verify: ${verify.stdout}${verify.stderr}`];
    this.remove();
    return [];
  }

  remove(): void {
    rmSync(this.#dataPath, { recursive: true, force: true });
  }

  get dataPath(): string {
    return this.#dataPath;
  }
}

interface Tally {
  readonly lives: readonly Life[];
  readonly cycles: number;
  readonly problems: readonly string[];
}

function summaryOf({ lives, cycles, problems }: Tally): Kill9Summary {
  const sum = (value: (life: Life) => number) => lives.reduce((total, l) => total + value(l), 0);
  const inDoubtKept = sum((life) => life.inDoubtKept);
  return {
    cycles,
    killsInRecovery: sum((life) => life.killsInRecovery),
    acknowledged: sum((life) => life.acknowledged),
    inDoubtKept,
    inDoubtLost: sum((life) => life.inDoubt) - inDoubtKept,
    asynchronousLost: sum((life) => life.asynchronousLost),
    problems,
  };
}

/** Runs until `cycles` are done or something is wrong; then the directory stays for a look. */
export async function runKill9(options: Kill9Options): Promise<Kill9Summary> {
  const { cycles, seed, report, cyclesPerDirectory = CYCLES_PER_DIRECTORY } = options;
  const random = new Random(seed);
  const lives: Life[] = [];
  let done = 0;
  report(`seed ${seed}, ${cycles} cycles`);
  while (done < cycles) {
    const life = new Life(random, SYNC_MODES[lives.length % SYNC_MODES.length] ?? 'full');
    lives.push(life);
    let server = await life.begin();
    const problems: string[] = [];
    for (let turn = 0; turn < cyclesPerDirectory && done < cycles; turn += 1) {
      const [next, found] = await life.cycle(server);
      server = next;
      done += 1;
      problems.push(...found);
      report(`cycle ${done}: ${life.acknowledged} commits acknowledged in ${life.dataPath}`);
      if (problems.length > 0) break;
    }
    problems.push(...(await life.end(server)));
    if (problems.length > 0) return summaryOf({ lives, cycles: done, problems });
  }
  return summaryOf({ lives, cycles: done, problems: [] });
}

if (import.meta.main) {
  const [cycles = '300', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
  const report = (line: string) => process.stdout.write(`${line}\n`);
  const summary = await runKill9({ cycles: Number(cycles), seed: Number(seed), report });
  report(JSON.stringify(summary, null, 2));
  process.exitCode = summary.problems.length === 0 ? 0 : 1;
}
