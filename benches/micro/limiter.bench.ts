// A check of the limiter beside rate-limiter-flexible (memory), in one run, alternating. Ours is the
// very object that the doors use, with the rule that the configuration makes.
//
//     npm run bench -- limiter [--seconds 1] [--rounds 5] [--clients 1000000]
//
// First checks a second and how long each takes, over so many clients in turn; then memory and the
// longest check while the table has that many clients, and while all of them expire; then how far the
// rate of 32 clients is from what the rule says.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type LimitedClient, Limits, PHASE } from '../../ts/limits/index.ts';
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
const RATE_CLIENTS = 32;
const RATE_RPS = 1000;
const RATE_MS = 5000;

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
  { name: 'rustydb', check: (n) => warm[n]?.check(PHASE.all) },
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

// Each client once: the table grows, and nobody may wait for it. What they took comes back in a minute.
configure(0, 0, clientsMax);
const WINDOW_SECS = 60;
const clients = { key: 'address', algorithm: 'fixed_window', windowSecs: WINDOW_SECS } as const;
await limits.createRule({ id: 'clients', requests: 1000, ...clients });

/** Of this thread's time, so that what else the machine does is no pause of ours. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The longest of the calls so far, in milliseconds. */
class Longest {
  ms = 0;

  time(call: () => unknown): void {
    const start = threadMs();
    call();
    this.ms = Math.max(this.ms, threadMs() - start);
  }
}

const growing = new Longest();
for (let n = 0; n < clientsMax; n += 1) {
  const client = clientOf(n);
  growing.time(() => client.check(PHASE.all));
}
const grown = performance.now();
const { clients: known, memoryBytes } = limits.inForce().statistics;
out(
  `${known} clients: ${(memoryBytes / 1e6).toFixed(1)} MB (aim <= 100), longest check while they ` +
    `came ${growing.ms.toFixed(2)} ms`,
);

// All of them expire while others check, as a server has it each second; then the same without it, for
// what the machine itself is late.
await sleep(WINDOW_SECS * 1000 - (performance.now() - grown) + 100);
const CHECKS_A_STEP = 20_000;
async function step(longest: Longest, beside: () => Promise<void>): Promise<void> {
  const done = beside();
  for (let n = 0; n < CHECKS_A_STEP; n += 1) {
    longest.time(() => warm[n % WARM]?.check(PHASE.all));
  }
  await done;
}
const expiring = new Longest();
let steps = 0;
while (limits.inForce().statistics.clients > WARM) {
  await step(expiring, () => limits.maintainOnce());
  steps += 1;
}
const quiet = new Longest();
for (let n = 0; n < steps; n += 1) await step(quiet, async () => undefined);
out(
  `expiry of all in ${steps} steps: longest check meanwhile ${expiring.ms.toFixed(2)} ms ` +
    `(aim <= 5; without expiry ${quiet.ms.toFixed(2)} ms)`,
);
await limits.dropRule('clients');

// 32 clients that ask as fast as they can get what the rule says together, once the burst is gone.
await limits.createRule({
  id: 'together',
  key: 'protocol',
  algorithm: 'token_bucket',
  requests: RATE_RPS,
  windowSecs: 1,
});
const crowd = Array.from({ length: RATE_CLIENTS }, (_, n) => clientOf(n));
const isAllowed = (client: LimitedClient): boolean => client.check(PHASE.all)?.retryAfterMs === 0;
while (crowd.every(isAllowed));
let allowed = 0;
const start = performance.now();
while (performance.now() - start < RATE_MS) allowed += crowd.filter(isAllowed).length;
const rate = (allowed / (performance.now() - start)) * 1000;
const off = ((rate - RATE_RPS) / RATE_RPS) * 100;
out(
  `${RATE_CLIENTS} clients, ${RATE_RPS} a second: ${rate.toFixed(1)} (${off.toFixed(2)} %, aim +-1 %)`,
);
await engine.close();
