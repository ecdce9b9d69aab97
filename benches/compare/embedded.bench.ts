// The database in process beside better-sqlite3, in one run, alternating: point gets and inserts.
//
//     npm run bench -- embedded [--rows 100000] [--seconds 2] [--rounds 5]
//
// One caller, one thread, one operation after the other. A get reads a row of four columns by its
// key: as an object, and as bytes of JSON (better-sqlite3 has no bytes: its object stands beside).
// An insert is a transaction of its own, committed with sync `normal` on both sides.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import { open } from '../../ts/index.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
  },
});
const rows = Number(values.rows);
const roundMs = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);

/** Operations between two looks at the clock. */
const BATCH = 500;

const folder = mkdtempSync(join(tmpdir(), 'rustydb-bench-'));
const MAKE =
  'CREATE TABLE items (id integer PRIMARY KEY, name text, price double precision, stock integer)';
const INSERT = 'INSERT INTO items VALUES ($1, $2, $3, $4)';

const db = await open(join(folder, 'rustydb'), { sync: 'normal', bufferPoolBytes: 256 * 2 ** 20 });
const sqlite = new Sqlite(join(folder, 'sqlite.db'));
sqlite.pragma('journal_mode = WAL');
sqlite.pragma('synchronous = NORMAL');

await db.query(MAKE);
sqlite.exec(MAKE);
await db.query(
  "INSERT INTO items SELECT n, 'item ' || n, n / 7.0, n % 100 FROM generate_series(1, $1::int) AS g(n)",
  [rows],
);
const fill = sqlite.prepare(INSERT.replaceAll(/\$\d/g, '?'));
sqlite.transaction(() => {
  for (let n = 1; n <= rows; n += 1) fill.run(n, `item ${n}`, n / 7, n % 100);
})();

const GET = 'SELECT id, name, price, stock FROM items WHERE id = $1';
const ours = { get: db.prepare(GET), insert: db.prepare(INSERT) };
const theirs = { get: sqlite.prepare(GET.replace('$1', '?')), insert: fill };
let ourKey = rows;
let theirKey = rows;
const some = (): number => 1 + Math.floor(Math.random() * rows);

interface Work {
  readonly name: string;
  readonly aim: string;
  ours(): Promise<unknown>;
  theirs(): unknown;
}

const WORK: readonly Work[] = [
  {
    name: 'point get, object',
    aim: '>= 0.7',
    ours: () => ours.get.get(some()),
    theirs: () => theirs.get.get(some()),
  },
  {
    name: 'point get, bytes',
    aim: '>= 1',
    ours: () => ours.get.json(some()),
    theirs: () => theirs.get.get(some()),
  },
  {
    name: 'insert, sync normal',
    aim: '>= 0.7',
    ours: () => {
      ourKey += 1;
      return ours.insert.run(ourKey, `item ${ourKey}`, ourKey / 7, ourKey % 100);
    },
    theirs: () => {
      theirKey += 1;
      return theirs.insert.run(theirKey, `item ${theirKey}`, theirKey / 7, theirKey % 100);
    },
  },
];

/** Operations a second. */
async function rate(operation: () => unknown, isAsync: boolean): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < roundMs) {
    for (let at = 0; at < BATCH; at += 1) {
      if (isAsync) await operation();
      else operation();
    }
    count += BATCH;
  }
  return (count * 1000) / (performance.now() - start);
}

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

process.stdout.write(
  `${cpus()[0]?.model}; ${rows} rows, ${rounds} rounds of ${values.seconds} s\n`,
);
process.stdout.write(
  `${'work'.padEnd(24)}${'RustyDB'.padStart(10)}${'better-sqlite3'.padStart(16)}  ratio  aim\n`,
);
for (const work of WORK) {
  const [mine, yours]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round += 1) {
    const pair = [await rate(() => work.ours(), true), await rate(() => work.theirs(), false)];
    // The first round warms up.
    if (round < 0) continue;
    mine.push(pair[0] ?? 0);
    yours.push(pair[1] ?? 0);
  }
  const [a, b] = [median(mine), median(yours)];
  process.stdout.write(
    `${work.name.padEnd(24)}${a.toFixed(0).padStart(10)}${b.toFixed(0).padStart(16)}  ${(a / b).toFixed(2).padStart(5)}  ${work.aim}\n`,
  );
}
sqlite.close();
await db.close();
rmSync(folder, { recursive: true, force: true });
