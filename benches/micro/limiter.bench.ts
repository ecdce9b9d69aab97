// A check of the limiter beside rate-limiter-flexible (memory), in one run, alternating. Ours is the
// very object that the doors use, with the rule that the configuration makes.
//
//     npm run bench -- limiter [--seconds 1] [--rounds 5] [--clients 1000000]
//
// First checks a second and how long each takes, over so many clients in turn; then memory and the
// longest check while the table has that many clients, and while all of them expire; then how far the
// rate of 32 clients is from what the rule says.
import { parseArgs } from 'node:util';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type LimitedClient, Limits } from '../../ts/limits/index.ts';
import { Engine } from '../../ts/native/index.ts';
import { median, withSpread } from '../compare/support/rates.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '1000000' },
  },
});
const roundMs = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);
const clientsMax = Number(values.clients);
/** Clients that a thread keeps resolved, as the doors do. */
const WARM = 1000;
/** Operations between two looks at the clock. */
const BATCH = 1000;
const NS_A_MS = 1e6;
const RATE_CLIENTS = 32;
const RATE_RPS = 1000;

const out = (line: string): void => void process.stdout.write(`${line}\n`);

const engine = await Engine.open({
  path: ':memory:',
  bufferPoolBytes: 4 * 2 ** 20,
  sync: 'off',
  maxSessions: 10,
});
const limits = new Limits(engine);

function configure(rateLimitRps: number, rateLimitBurst: number, maxClients: number): void {
  limits.configure({
    api: { rateLimitRps, rateLimitBurst } as never,
    network: { rateLimitRps: 0 } as never,
    gateway: { enableRateLimiting: true },
    limits: { maxClients },
  });
}

const addressOf = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

const clientOf = (n: number): LimitedClient =>
  limits.client({
    protocol: 'rest',
    method: 'POST',
    route: '/query',
    address: addressOf(n),
    user: 'rustydb',
    isProved: false,
    database: 'rustydb',
    application: 'bench',
  });

/** A limiter under test; what `check` gives is awaited where it is a promise. */
interface Contender {
  readonly name: string;
  check(n: number): unknown;
}

const percentile = (sorted: Float64Array, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

/** Checks a second. */
async function rateOf({ check }: Contender): Promise<number> {
  let done = 0;
  const start = performance.now();
  const isAsync = check(0) instanceof Promise;
  while (performance.now() - start < roundMs) {
    if (isAsync) for (let n = 0; n < BATCH; n += 1) await check(n % WARM);
    else for (let n = 0; n < BATCH; n += 1) check(n % WARM);
    done += BATCH;
  }
  return (done / (performance.now() - start)) * 1000;
}

/** Nanoseconds that single checks take, sorted; the clock's own are taken off. */
async function timesOf({ check }: Contender, count: number): Promise<Float64Array> {
  const times = new Float64Array(count);
  const isAsync = check(0) instanceof Promise;
  for (let n = 0; n < count; n += 1) {
    const start = process.hrtime.bigint();
    if (isAsync) await check(n % WARM);
    else check(n % WARM);
    times[n] = Number(process.hrtime.bigint() - start);
  }
  const empty = new Float64Array(count);
  for (let n = 0; n < count; n += 1) {
    const start = process.hrtime.bigint();
    empty[n] = Number(process.hrtime.bigint() - start);
  }
  const clock = median([...empty.sort().slice(0, count)]);
  return times.map((ns) => Math.max(0, ns - clock)).sort();
}

configure(1_000_000_000, 0, clientsMax);
const warm = Array.from({ length: WARM }, (_, n) => clientOf(n));
const flexible = new RateLimiterMemory({ points: 1_000_000_000, duration: 1 });
const keys = Array.from({ length: WARM }, (_, n) => addressOf(n));
const contenders: readonly Contender[] = [
  { name: 'rustydb', check: (n) => warm[n]?.check('late') },
  { name: 'rate-limiter-flexible', check: (n) => flexible.consume(keys[n] as string) },
];
const rates = contenders.map((): number[] => []);
for (let round = 0; round <= rounds; round += 1) {
  for (const [at, contender] of contenders.entries()) {
    const rate = await rateOf(contender);
    if (round > 0) rates[at]?.push(rate);
  }
}
out(`${'limiter'.padEnd(24)}${'checks/s (spread)'.padEnd(28)}${'p50 ns'.padEnd(9)}p99 ns`);
for (const [at, contender] of contenders.entries()) {
  const times = await timesOf(contender, 200_000);
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  const rate = withSpread(rates[at] ?? []).padEnd(28);
  out(`${contender.name.padEnd(24)}${rate}${p50.toFixed(0).padEnd(9)}${p99.toFixed(0)}`);
}
out(
  `ratio ${(median(rates[0] ?? []) / median(rates[1] ?? [])).toFixed(1)}; aim: > 2 M/s, p99 <= 1000 ns`,
);

// Each client once: the table grows, and nobody may wait for it.
configure(1, 2, clientsMax);
let longestNs = 0;
const timed = (client: LimitedClient): boolean => {
  const start = process.hrtime.bigint();
  const isAllowed = client.check('late')?.isAllowed === true;
  longestNs = Math.max(longestNs, Number(process.hrtime.bigint() - start));
  return isAllowed;
};
const heapBefore = process.memoryUsage().rss;
for (let n = 0; n < clientsMax; n += 1) timed(clientOf(n));
const { clients, memoryBytes } = limits.inForce().statistics;
out(
  `${clients} clients: table ${(memoryBytes / 1e6).toFixed(1)} MB (aim <= 100), process +` +
    `${((process.memoryUsage().rss - heapBefore) / 1e6).toFixed(1)} MB, longest check ` +
    `${(longestNs / NS_A_MS).toFixed(2)} ms`,
);

// All of them expire while others check.
await new Promise((wake) => setTimeout(wake, 2100));
longestNs = 0;
const until = performance.now() + 17_000;
let maintained = 0;
while (performance.now() < until && limits.inForce().statistics.clients > WARM) {
  const sweep = maintain();
  for (let n = 0; n < 20_000; n += 1) timed(warm[n % WARM] as LimitedClient);
  await sweep;
  maintained += 1;
}
out(
  `expiry of all in ${maintained} steps: longest check meanwhile ` +
    `${(longestNs / NS_A_MS).toFixed(2)} ms (aim <= 5), ${limits.inForce().statistics.clients} left`,
);

/** One step of what a server does each second. */
function maintain(): Promise<void> {
  return limits.maintainOnce();
}

// 32 clients that ask as fast as they can get RATE_RPS a second together.
await limits.createRule({
  id: 'together',
  key: 'protocol',
  algorithm: 'token_bucket',
  requests: RATE_RPS,
  windowSecs: 1,
  burst: 1,
});
configure(0, 0, clientsMax);
const crowd = Array.from({ length: RATE_CLIENTS }, (_, n) => clientOf(n));
let allowed = 0;
const start = performance.now();
const length = 5 * roundMs;
while (performance.now() - start < length) {
  for (const client of crowd) if (client.check('all')?.isAllowed === true) allowed += 1;
}
const rate = (allowed / (performance.now() - start)) * 1000;
const off = ((rate - RATE_RPS) / RATE_RPS) * 100;
out(
  `${RATE_CLIENTS} clients, ${RATE_RPS} a second: ${rate.toFixed(1)} (${off.toFixed(2)} %, aim +-1 %)`,
);
await engine.close();
