// Who waits for the pool, who holds its slots, and who does so for too long.
import { z } from 'zod';
import type { LeakReport, SlotReport, WaiterReport } from '../../native/index.ts';
import type { PoolService } from '../../services/pool-service.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Pool, connections, sessions';

const processId = z.int().nullable().meta({ description: 'As in pg_stat_activity' });

const waiter = z.object({
  partition: z.string(),
  position: z.int().meta({ description: '1 is served next' }),
  priority: z.enum(['critical', 'high', 'normal', 'low']),
  processId,
  waitedMs: z.int(),
  remainingMs: z.int().nullable().meta({ description: 'Until it is refused; null: never' }),
  expectedMs: z.int().nullable().meta({ description: 'Null where too little was seen to say' }),
});

const leak = z.object({
  slot: z.int(),
  processId,
  heldMs: z.int(),
  reportedAt: z.string(),
  wasReclaimed: z.boolean(),
  user: z.string(),
  application: z.string(),
  clientAddress: z.string(),
  query: z.string().meta({ description: 'The last statement' }),
  state: z.string(),
  idleMs: z.int(),
});

const connection = z.object({
  id: z.int(),
  state: z.enum(['idle', 'active', 'validating', 'recycling', 'creating', 'closed']),
  partition: z.string(),
  processId,
  ageMs: z.int(),
  sinceMs: z.int().meta({ description: 'Since it changed hands' }),
  uses: z.int(),
});

const queueStatistics = z.object({
  waiting: z.int(),
  waitingMax: z.int(),
  longestMs: z.int(),
  timedOut: z.int(),
  refused: z.int(),
});

const cleared = z.object({ cleared: z.int() });

const poolPath = z.strictObject({ id: z.string() });
const slotPath = z.strictObject({ id: z.coerce.number().int().min(0) });

/** Keeps the order of numbers as text. */
const padded = (number: number): string => `${number}`.padStart(12, '0');
const WAITERS = {
  placeOf: ({ partition, position }: WaiterReport) => `${partition} ${padded(position)}`,
};
const LEAKS = {
  placeOf: ({ reportedMs, slot }: LeakReport) => `${padded(reportedMs)} ${padded(slot)}`,
  isNewestFirst: true,
};
const SLOTS = { placeOf: ({ id }: SlotReport) => padded(id) };

function shownLeak({ reportedMs, ...rest }: LeakReport): object {
  return { ...rest, reportedAt: new Date(reportedMs).toISOString() };
}

function waitRoutes(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/pools/{id}/wait-queue',
      id: 'listPoolWaiters',
      group: GROUP,
      summary: 'Who waits for a slot, who is served next first',
      permission: 'pools:read',
      pathSchema: poolPath,
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(waiter) } },
      handle: ({ path, query }, reply) =>
        reply.json(pageOf(pools.waiters(path.id), query, WAITERS)),
    }),
    route({
      method: 'get',
      path: '/pools/{id}/wait-queue/stats',
      id: 'getPoolWaitStats',
      group: GROUP,
      summary: 'How many wait, and how that went so far',
      permission: 'pools:read',
      pathSchema: poolPath,
      answers: { 200: { description: 'The statistics', schema: queueStatistics } },
      handle({ path }, reply) {
        const { waiting, waitingMax, timedOut, refused } = pools.get(path.id).statistics;
        const waited = pools.waiters(path.id).map(({ waitedMs }) => waitedMs);
        const longestMs = Math.max(0, ...waited);
        reply.json({ waiting, waitingMax, longestMs, timedOut, refused });
      },
    }),
    route({
      method: 'post',
      path: '/pools/{id}/wait-queue/clear',
      id: 'clearPoolWaiters',
      group: GROUP,
      summary: 'Refuse all who wait',
      permission: 'pools:change',
      pathSchema: poolPath,
      answers: { 200: { description: 'How many there were', schema: cleared } },
      handle: ({ path }, reply) => reply.json({ cleared: pools.clearWaiters(path.id) }),
    }),
  ];
}

function leakRoutes(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/pools/{id}/leaks',
      id: 'listPoolLeaks',
      group: GROUP,
      summary: 'Slots that were held too long, with what is known of who did',
      permission: 'pools:read',
      pathSchema: poolPath,
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(leak) } },
      handle({ path, query }, reply) {
        const { items, ...page } = pageOf(pools.leaks(path.id), query, LEAKS);
        reply.json({ items: items.map(shownLeak), ...page });
      },
    }),
    route({
      method: 'post',
      path: '/pools/{id}/leaks/clear',
      id: 'clearPoolLeaks',
      group: GROUP,
      summary: 'Forget the reports',
      permission: 'pools:change',
      pathSchema: poolPath,
      answers: { 200: { description: 'How many there were', schema: cleared } },
      handle: ({ path }, reply) => reply.json({ cleared: pools.clearLeaks(path.id) }),
    }),
  ];
}

function connectionRoutes(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/connections',
      id: 'listPoolConnections',
      group: GROUP,
      summary: 'The slots of the pool, and who has them',
      permission: 'pools:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(connection) } },
      handle: ({ query }, reply) => reply.json(pageOf(pools.slots(), query, SLOTS)),
    }),
    route({
      method: 'get',
      path: '/connections/{id}',
      id: 'getPoolConnection',
      group: GROUP,
      summary: 'A slot of the pool',
      permission: 'pools:read',
      pathSchema: slotPath,
      answers: { 200: { description: 'The slot', schema: connection } },
      handle: ({ path }, reply) => reply.json(pools.slot(path.id)),
    }),
    route({
      method: 'delete',
      path: '/connections/{id}',
      id: 'closePoolConnection',
      group: GROUP,
      summary: 'End the session that has the slot, and its statement',
      permission: 'pools:change',
      pathSchema: slotPath,
      answers: { 204: { description: 'It is being ended' } },
      handle({ path }, reply) {
        pools.closeSlot(path.id);
        reply.empty();
      },
    }),
  ];
}

export function queueRoutes(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    ...waitRoutes(pools, pages),
    ...leakRoutes(pools, pages),
    ...connectionRoutes(pools, pages),
  ];
}
