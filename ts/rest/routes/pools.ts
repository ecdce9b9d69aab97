// `/pools`: the one pool, its settings, its life.
import { z } from 'zod';
import type { PoolReport, PoolService } from '../../services/pool-service.ts';
import { given } from '../../util/given.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';
import { partitionRoutes } from './pool-partitions.ts';
import { queueRoutes } from './pool-queue.ts';

const GROUP = 'Pool, connections, sessions';
const DAY_MS = 86_400_000;
const MS_MAX = 24 * DAY_MS;

const size = z.int().min(0).max(100_000);
const ms = z.int().min(0).max(MS_MAX);

const lifecycle = z.strictObject({
  maxLifetimeMs: ms.meta({ description: 'The age at which a slot is made anew; 0 is never' }),
  idleTimeoutMs: ms.meta({ description: 'How long a slot stays without use; 0 is for ever' }),
  maintenanceIntervalMs: ms.min(1),
  leakDetectionThresholdMs: ms.meta({
    description: 'After this a held slot is reported; 0 is never',
  }),
  leakReclaim: z.boolean().meta({ description: 'Sessions that are reported are ended' }),
});

const settings = lifecycle.extend({
  minSize: size,
  initialSize: size,
  maxSize: size.min(1),
  reserveSize: size.meta({ description: 'Slots more while somebody waits for long' }),
  reserveTimeoutMs: ms,
  acquireTimeoutMs: ms,
  maxWaitQueueSize: z.int().min(0).max(1_000_000),
  fairQueue: z.boolean().meta({ description: 'First come, first served; else by priority' }),
  priorityAgeingMs: ms.meta({ description: 'The wait that makes up for one class of priority' }),
});

const durations = z.object({
  count: z.int(),
  averageMs: z.number(),
  maxMs: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

const state = z.enum(['running', 'paused']);

const statistics = z.object({
  state,
  maxSize: z.int(),
  total: z.int(),
  active: z.int(),
  idle: z.int(),
  waiting: z.int(),
  waitingMax: z.int(),
  acquired: z.int(),
  refused: z.int(),
  timedOut: z.int(),
  abandoned: z.int(),
  created: z.int(),
  closed: z.int(),
  leaks: z.int(),
  waits: durations.meta({ description: 'From claim to slot, of those that had to wait' }),
  holds: durations.meta({ description: 'From slot to its return' }),
  lifetimes: durations.meta({ description: 'From a slot to its end' }),
});

const pool = z.object({ id: z.string(), state, settings, statistics });

const pathSchema = z.strictObject({ id: z.string() });
const ORDER = { placeOf: ({ id }: PoolReport) => id };
const one = { 200: { description: 'The pool', schema: pool } };

function poolRoutesAlone(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/pools',
      id: 'listPools',
      group: GROUP,
      summary: 'The pools',
      permission: 'pools:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(pool) } },
      handle: ({ query }, reply) => reply.json(pageOf(pools.list(), query, ORDER)),
    }),
    route({
      method: 'get',
      path: '/pools/{id}',
      id: 'getPool',
      group: GROUP,
      summary: 'A pool: its settings and how it is',
      permission: 'pools:read',
      pathSchema,
      answers: one,
      handle: ({ path }, reply) => reply.json(pools.get(path.id)),
    }),
    route({
      method: 'put',
      path: '/pools/{id}',
      id: 'changePool',
      group: GROUP,
      summary: 'Change settings, which are in force at once',
      permission: 'pools:change',
      pathSchema,
      bodySchema: settings.partial(),
      bodyExample: { maxSize: 50, acquireTimeoutMs: 10_000 },
      answers: one,
      handle: async ({ path, body }, reply) => reply.json(await pools.change(path.id, given(body))),
    }),
    route({
      method: 'get',
      path: '/pools/{id}/stats',
      id: 'getPoolStats',
      group: GROUP,
      summary: 'Slots, claims, waits and lifetimes since the server started',
      permission: 'pools:read',
      pathSchema,
      answers: { 200: { description: 'The statistics', schema: statistics } },
      handle: ({ path }, reply) => reply.json(pools.get(path.id).statistics),
    }),
  ];
}

function actionRoutes(pools: PoolService): readonly Route[] {
  const action = (
    name: 'drain' | 'resume' | 'pause',
    summary: string,
    run: (id: string) => PoolReport,
  ): Route =>
    route({
      method: 'post',
      path: `/pools/{id}/${name}`,
      id: `${name}Pool`,
      group: GROUP,
      summary,
      permission: 'pools:change',
      pathSchema,
      answers: one,
      handle: ({ path }, reply) => reply.json(run(path.id)),
    });
  return [
    action(
      'drain',
      'Give out no slots and end those that come back; who waits stays in line',
      (id) => pools.drain(id),
    ),
    action('pause', 'Give out no slots; who waits stays in line', (id) => pools.pause(id)),
    action('resume', 'Give out slots again', (id) => pools.resume(id)),
    route({
      method: 'post',
      path: '/pools/{id}/resize',
      id: 'resizePool',
      group: GROUP,
      summary: 'Change the sizes; nobody loses a slot that is in use',
      permission: 'pools:change',
      pathSchema,
      bodySchema: settings.pick({ minSize: true, maxSize: true }).partial(),
      bodyExample: { minSize: 5, maxSize: 200 },
      answers: one,
      handle: async ({ path, body }, reply) => reply.json(await pools.change(path.id, given(body))),
    }),
  ];
}

function lifecycleRoutes(pools: PoolService): readonly Route[] {
  const policyOf = (id: string): object => lifecycle.strip().parse(pools.get(id).settings);
  const policy = { 200: { description: 'The policy', schema: lifecycle } };
  return [
    route({
      method: 'get',
      path: '/pools/{id}/lifecycle/policy',
      id: 'getPoolLifecycle',
      group: GROUP,
      summary: 'When slots end',
      permission: 'pools:read',
      pathSchema,
      answers: policy,
      handle: ({ path }, reply) => reply.json(policyOf(path.id)),
    }),
    route({
      method: 'put',
      path: '/pools/{id}/lifecycle/policy',
      id: 'changePoolLifecycle',
      group: GROUP,
      summary: 'Change when slots end',
      permission: 'pools:change',
      pathSchema,
      bodySchema: lifecycle.partial(),
      bodyExample: { maxLifetimeMs: 1_800_000 },
      answers: policy,
      async handle({ path, body }, reply) {
        await pools.change(path.id, given(body));
        reply.json(policyOf(path.id));
      },
    }),
    route({
      method: 'post',
      path: '/pools/{id}/lifecycle/recycle',
      id: 'recyclePool',
      group: GROUP,
      summary: 'Make all slots anew, those in use as they come back',
      permission: 'pools:change',
      pathSchema,
      answers: one,
      handle: ({ path }, reply) => reply.json(pools.recycle(path.id)),
    }),
    route({
      method: 'get',
      path: '/pools/{id}/lifecycle/stats',
      id: 'getPoolLifecycleStats',
      group: GROUP,
      summary: 'How many slots were made and ended, and how old they became',
      permission: 'pools:read',
      pathSchema,
      answers: {
        200: {
          description: 'The statistics',
          schema: statistics.pick({ total: true, created: true, closed: true, lifetimes: true }),
        },
      },
      handle({ path }, reply) {
        const { total, created, closed, lifetimes } = pools.get(path.id).statistics;
        reply.json({ total, created, closed, lifetimes });
      },
    }),
  ];
}

/** Every route about the pool. */
export function poolRoutes(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    ...poolRoutesAlone(pools, pages),
    ...actionRoutes(pools),
    ...lifecycleRoutes(pools),
    ...partitionRoutes(pools, pages),
    ...queueRoutes(pools, pages),
  ];
}
