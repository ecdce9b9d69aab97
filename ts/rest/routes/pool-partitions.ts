// `/pools/{id}/partitions`: parts of the pool with slots of their own.
import { z } from 'zod';
import type { PartitionReport } from '../../native/index.ts';
import type { PoolService } from '../../services/pool-service.ts';
import { given } from '../../util/given.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Pool, connections, sessions';
const PATH = '/pools/{id}/partitions';

const size = z.int().min(0).max(100_000);

const change = z.strictObject({
  minSize: size.meta({ description: 'Slots that are kept for it' }),
  maxSize: size.min(1).nullable().meta({ description: 'Slots that it may use; null: all' }),
  maxWaitQueueSize: size.nullable().meta({ description: 'Clients of it that may wait; null: all' }),
  mayBorrow: z.boolean().meta({ description: 'More than maxSize while nobody else wants them' }),
  lends: z.boolean().meta({ description: 'Others may use what is kept while nobody of it waits' }),
});

const name = z
  .string()
  .regex(/^[\w.:-]{1,63}$/)
  .meta({ description: '1 to 63 letters, digits, `_`, `.`, `:` and `-`' });

const made = z.strictObject({
  name,
  minSize: change.shape.minSize.default(0),
  maxSize: change.shape.maxSize.default(null),
  maxWaitQueueSize: change.shape.maxWaitQueueSize.default(null),
  mayBorrow: change.shape.mayBorrow.default(false),
  lends: change.shape.lends.default(true),
});

const statistics = z.object({
  active: z.int(),
  waiting: z.int(),
  granted: z.int(),
  waited: z.int(),
  refused: z.int(),
  timedOut: z.int(),
  borrowed: z.int(),
  activeMax: z.int(),
  waitingMax: z.int(),
});

const partition = z.object({ name: z.string(), ...change.shape, ...statistics.shape });

const poolPath = z.strictObject({ id: z.string() });
const pathSchema = z.strictObject({ id: z.string(), name: z.string() });
const ORDER = { placeOf: (of: PartitionReport) => of.name };
const one = { 200: { description: 'The partition', schema: partition } };
const EXAMPLE = { name: 'reports', minSize: 2, maxSize: 10, mayBorrow: true };

function statisticsOf(of: PartitionReport): object {
  return statistics.strip().parse(of);
}

function oneRoutes(pools: PoolService): readonly Route[] {
  return [
    route({
      method: 'get',
      path: `${PATH}/{name}`,
      id: 'getPoolPartition',
      group: GROUP,
      summary: 'A partition',
      permission: 'pools:read',
      pathSchema,
      answers: one,
      handle: ({ path }, reply) => reply.json(pools.partition(path.id, path.name)),
    }),
    route({
      method: 'put',
      path: `${PATH}/{name}`,
      id: 'changePoolPartition',
      group: GROUP,
      summary: 'Change a partition, at once',
      permission: 'pools:change',
      pathSchema,
      bodySchema: change.partial(),
      bodyExample: { maxSize: 20 },
      answers: one,
      handle: ({ path, body }, reply) =>
        reply.json(pools.changePartition(path.id, path.name, given(body))),
    }),
    route({
      method: 'delete',
      path: `${PATH}/{name}`,
      id: 'deletePoolPartition',
      group: GROUP,
      summary: 'Drop a partition; its clients belong to the default one from then on',
      permission: 'pools:change',
      pathSchema,
      answers: { 204: { description: 'It is gone' } },
      handle({ path }, reply) {
        pools.dropPartition(path.id, path.name);
        reply.empty();
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{name}/stats`,
      id: 'getPoolPartitionStats',
      group: GROUP,
      summary: 'What a partition has, and counts since it was made',
      permission: 'pools:read',
      pathSchema,
      answers: { 200: { description: 'The statistics', schema: statistics } },
      handle: ({ path }, reply) => reply.json(statisticsOf(pools.partition(path.id, path.name))),
    }),
  ];
}

export function partitionRoutes(pools: PoolService, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: PATH,
      id: 'listPoolPartitions',
      group: GROUP,
      summary: 'The partitions of a pool, by name',
      permission: 'pools:read',
      pathSchema: poolPath,
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(partition) } },
      handle: ({ path, query }, reply) =>
        reply.json(pageOf(pools.partitions(path.id), query, ORDER)),
    }),
    route({
      method: 'post',
      path: PATH,
      id: 'createPoolPartition',
      group: GROUP,
      summary: 'Make a partition',
      permission: 'pools:change',
      pathSchema: poolPath,
      bodySchema: made,
      bodyExample: EXAMPLE,
      answers: { 201: { description: 'It was made', schema: partition } },
      handle({ path, body }, reply) {
        const report = pools.createPartition(path.id, body);
        reply.header('Location', `/api/v1/pools/${path.id}/partitions/${report.name}`);
        reply.json(report, 201);
      },
    }),
    ...oneRoutes(pools),
  ];
}
