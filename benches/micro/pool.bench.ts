// Taking a slot of the pool and giving it back, beside generic-pool, tarn and pg-pool, in one run,
// alternating. Ours is the very object that the doors use, with leak tracking on.
//
//     npm run bench -- pool [--seconds 1] [--rounds 5] [--size 100]
//
// Uncontended: one caller. Contended: ten times as many callers as slots, each of which holds its slot
// for a turn of the event loop; a peer's peak is what it does with as many callers as slots.
import { parseArgs } from 'node:util';
import { createPool } from 'generic-pool';
import PgPool from 'pg-pool';
import { Pool as TarnPool } from 'tarn';
import { Engine, SlotPool } from '../../ts/native/index.ts';
import { smallPoolOptions } from '../../ts/pool/index.ts';
import { median } from '../compare/support/rates.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '100' },
  },
});
const roundMs = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);
const size = Number(values.size);
/** Operations between two looks at the clock. */
const BATCH = 1000;
/** Callers a slot. */
const CROWD = 10;

/** A pool under test: `pair` takes and gives back, `hold` does so with a turn of the loop between. */
interface Contender {
  readonly name: string;
  /** At once where the pool can; else a promise. */
  pair(): undefined | Promise<unknown>;
  /** `caller`: whose slot it is, from 1. */
  hold(caller: number): Promise<unknown>;
  close(): unknown;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const engine = await Engine.open({
  path: ':memory:',
  bufferPoolBytes: 4 * 2 ** 20,
  sync: 'off',
  maxSessions: 100,
});
SlotPool.configure(engine.handle, {
  ...smallPoolOptions(size),
  leakDetectionThresholdMs: 300_000,
});

function ours(): Contender {
  const pool = new SlotPool(engine.handle);
  return {
    name: 'rustydb',
    pair() {
      const slot = pool.acquire(1);
      if (typeof slot !== 'number') throw new Error('nobody else has a slot');
      pool.release(slot);
      return undefined;
    },
    async hold(caller) {
      const slot = await pool.acquire(caller);
      await turn();
      pool.release(slot);
    },
    close: () => pool.close(new Error('closed')),
  };
}

function generic(): Contender {
  const pool = createPool(
    { create: async () => ({}), destroy: async () => undefined },
    { max: size, min: 0 },
  );
  return {
    name: 'generic-pool',
    pair: async () => pool.release(await pool.acquire()),
    async hold() {
      const held = await pool.acquire();
      await turn();
      await pool.release(held);
    },
    close: () => pool.drain().then(() => pool.clear()),
  };
}

function tarn(): Contender {
  const pool = new TarnPool({
    create: async () => ({}),
    destroy: () => undefined,
    max: size,
    min: 0,
  });
  return {
    name: 'tarn',
    pair: async () => pool.release(await pool.acquire().promise),
    async hold() {
      const held = await pool.acquire().promise;
      await turn();
      pool.release(held);
    },
    close: () => pool.destroy(),
  };
}

/** As much of pg's client as pg-pool asks for. */
class NoClient {
  connect(done: (error?: Error) => void): void {
    done();
  }
  once(): void {}
  on(): void {}
  off(): void {}
  removeListener(): void {}
  end(done?: () => void): void {
    done?.();
  }
  get _queryable(): boolean {
    return true;
  }
  get _poolUseCount(): number {
    return 0;
  }
  set _poolUseCount(_: number) {}
}

function pgPool(): Contender {
  const pool = new PgPool({ Client: NoClient as never, max: size });
  return {
    name: 'pg-pool',
    pair: async () => (await pool.connect()).release(),
    async hold() {
      const held = await pool.connect();
      await turn();
      held.release();
    },
    close: () => pool.end(),
  };
}

interface Latencies {
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Pairs a second, called one after the other. */
async function rate(contender: Contender): Promise<number> {
  const start = performance.now();
  let pairs = 0;
  let now = start;
  while (now - start < roundMs) {
    for (let n = 0; n < BATCH; n += 1) {
      const later = contender.pair();
      if (later !== undefined) await later;
    }
    pairs += BATCH;
    now = performance.now();
  }
  return (pairs / (now - start)) * 1000;
}

/** What one pair takes, the clock's own time left out. */
async function latencies(contender: Contender): Promise<Latencies> {
  const count = 100_000;
  const times = new Float64Array(count);
  const clock = new Float64Array(count);
  for (let n = 0; n < count; n += 1) {
    const start = process.hrtime.bigint();
    const later = contender.pair();
    if (later !== undefined) await later;
    times[n] = Number(process.hrtime.bigint() - start);
    const empty = process.hrtime.bigint();
    clock[n] = Number(process.hrtime.bigint() - empty);
  }
  times.sort();
  clock.sort();
  const own = clock[count / 2] as number;
  const at = (part: number): number =>
    Math.max(0, (times[Math.floor(count * part)] as number) - own) / 1000;
  return { p50Us: at(0.5), p99Us: at(0.99) };
}

/** Pairs a second of so many callers that hold their slot for a turn. */
async function crowdRate(contender: Contender, callers: number): Promise<number> {
  const start = performance.now();
  let pairs = 0;
  const run = async (caller: number): Promise<void> => {
    while (performance.now() - start < roundMs) {
      await contender.hold(caller);
      pairs += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, at) => run(at + 1)));
  return (pairs / (performance.now() - start)) * 1000;
}

interface Seen {
  readonly rates: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly peak: number[];
  readonly crowd: number[];
}

const contenders = [ours(), generic(), tarn(), pgPool()];
const seen = contenders.map((): Seen => ({ rates: [], p50: [], p99: [], peak: [], crowd: [] }));
for (const contender of contenders) await rate(contender);
for (let round = 0; round < rounds; round += 1) {
  for (const [at, contender] of contenders.entries()) {
    const of = seen[at] as Seen;
    of.rates.push(await rate(contender));
    const { p50Us, p99Us } = await latencies(contender);
    of.p50.push(p50Us);
    of.p99.push(p99Us);
    of.peak.push(await crowdRate(contender, size));
    of.crowd.push(await crowdRate(contender, CROWD * size));
  }
}

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(14) : cell.padStart(14))).join('');
const thousands = (n: number): string => Math.round(n).toLocaleString('en-US');
const lines = [
  line([
    '',
    'pairs/s',
    'p50 us',
    'p99 us',
    `${size} callers/s`,
    `${CROWD * size} callers/s`,
    'of peak',
  ]),
];
for (const [at, { name }] of contenders.entries()) {
  const { rates, p50, p99, peak, crowd } = seen[at] as Seen;
  lines.push(
    line([
      name,
      thousands(median(rates)),
      median(p50).toFixed(2),
      median(p99).toFixed(2),
      thousands(median(peak)),
      thousands(median(crowd)),
      `${((100 * median(crowd)) / median(peak)).toFixed(0)} %`,
    ]),
  );
}
const own = median((seen[0] as Seen).rates);
const peers = seen.slice(1).map(({ rates }) => median(rates));
lines.push(`ratio to the fastest peer: ${(own / Math.max(...peers)).toFixed(1)}`);
process.stdout.write(`${lines.join('\n')}\n`);

for (const contender of contenders) await contender.close();
await engine.close();
