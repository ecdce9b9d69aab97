// `/monitoring`: what the server knows of itself, as JSON.
import { z } from 'zod';
import { LOG_LEVELS } from '../../monitoring/index.ts';
import { DASHBOARDS, dashboardOf } from '../../services/monitoring/dashboards.ts';
import { performanceOf } from '../../services/monitoring/performance.ts';
import type { SlowStatement, StatementTotals } from '../../services/monitoring/statement-stats.ts';
import type { Monitoring } from '../monitoring.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Monitoring';
const LINES_MAX = 1000;

const family = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  values: z.array(
    z.object({
      metricName: z.string(),
      labels: z.record(z.string(), z.union([z.string(), z.number()])),
      value: z.number().nullable().meta({ description: 'null where there is none yet' }),
    }),
  ),
});

function metricRoutes({ metrics }: Monitoring): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/monitoring/metrics',
      id: 'listMetrics',
      group: GROUP,
      summary: 'All metrics, as JSON',
      permission: 'monitoring:read',
      answers: {
        200: { description: 'Metric by metric', schema: z.object({ metrics: z.array(family) }) },
      },
      async handle(_request, reply) {
        const families = await metrics.families();
        const all = families.map(({ name, help, type, values }) => ({
          name,
          help,
          type,
          values: values.map(({ metricName, labels, value }) => ({ metricName, labels, value })),
        }));
        reply.json({ metrics: all });
      },
    }),
    route({
      method: 'get',
      path: '/monitoring/prometheus',
      id: 'prometheusMetrics',
      group: GROUP,
      summary: 'All metrics as Prometheus reads them: what `/metrics` answers',
      permission: 'monitoring:read',
      answers: { 200: { description: 'The text format', contentTypes: [metrics.contentType] } },
      async handle(_request, reply) {
        reply.text(metrics.contentType, await metrics.text());
      },
    }),
  ];
}

function logRoute({ recent }: Monitoring): Route {
  const line = z.looseObject({
    level: z.enum(LOG_LEVELS),
    timestamp: z.string(),
    module: z.string(),
    message: z.string(),
  });
  return route({
    method: 'get',
    path: '/monitoring/logs',
    id: 'listLogs',
    group: GROUP,
    summary: 'The last lines of the log, the newest first, secrets redacted',
    permission: 'monitoring:logs',
    querySchema: z.strictObject({
      level: z.enum(LOG_LEVELS).default('trace').meta({ description: 'The least level' }),
      limit: z.coerce.number().int().min(1).max(LINES_MAX).default(100),
    }),
    answers: { 200: { description: 'Lines', schema: z.object({ items: z.array(line) }) } },
    handle({ query }, reply) {
      reply.json({ items: recent.last(query.level, query.limit) });
    },
  });
}

const statement = z.object({
  sql: z.string(),
  type: z.string(),
  calls: z.int(),
  failures: z.int(),
  totalMs: z.number(),
  meanMs: z.number(),
  minMs: z.number(),
  maxMs: z.number(),
});

const slow = z.object({
  queryId: z.string(),
  sql: z.string(),
  user: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  failed: z.boolean(),
});

/** So that texts are in the order of their cost. */
const byCost = ({ totalMs, sql }: StatementTotals): string =>
  `${totalMs.toFixed(3).padStart(20, '0')} ${sql}`;

function statementRoutes(monitoring: Monitoring, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/monitoring/query-stats',
      id: 'listQueryStats',
      group: GROUP,
      summary: 'What the statements of the HTTP door have cost, text by text, the dearest first',
      permission: 'monitoring:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of texts', schema: pageShape(statement) } },
      async handle({ query }, reply) {
        const all = (await monitoring.statements()).map((one) => ({
          ...one,
          meanMs: Math.round((one.totalMs / one.calls) * 1000) / 1000,
        }));
        reply.json(pageOf(all, query, { placeOf: byCost, isNewestFirst: true }));
      },
    }),
    route({
      method: 'get',
      path: '/monitoring/slow-queries',
      id: 'listSlowQueries',
      group: GROUP,
      summary: 'Statements of the HTTP door over `monitoring.slow_query_ms`, the newest first',
      permission: 'monitoring:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(slow) } },
      async handle({ query }, reply) {
        const placeOf = ({ startedAt, queryId }: SlowStatement) => `${startedAt} ${queryId}`;
        const all = await monitoring.slowStatements();
        reply.json(pageOf(all, query, { placeOf, isNewestFirst: true }));
      },
    }),
  ];
}

const performance = z.object({
  uptimeSeconds: z.number(),
  cpuSecondsTotal: z.number(),
  residentBytes: z.number(),
  heapUsedBytes: z.number(),
  eventLoopLagP99Seconds: z.number(),
  requestsPerSecond: z.number().nullable(),
  errorsPerSecond: z.number().nullable(),
  meanRequestSeconds: z.number().nullable(),
  p50RequestSeconds: z.number().nullable(),
  p99RequestSeconds: z.number().nullable(),
  engine: z.record(z.string(), z.number()),
});

function stateRoutes(monitoring: Monitoring): readonly Route[] {
  const sessions = z.object({
    sessions: z.int().meta({ description: 'Of the engine, over all doors' }),
    pool: z.object({
      state: z.enum(['running', 'paused']),
      total: z.int(),
      active: z.int(),
      idle: z.int(),
      waiting: z.int(),
      acquired: z.int(),
      refused: z.int(),
      timedOut: z.int(),
    }),
    httpConnections: z.int(),
  });
  return [
    route({
      method: 'get',
      path: '/monitoring/performance',
      id: 'getPerformance',
      group: GROUP,
      summary: 'How busy the server is: rates since the last sample, times since the start',
      permission: 'monitoring:read',
      answers: { 200: { description: 'null where nothing came yet', schema: performance } },
      async handle(_request, reply) {
        reply.json(performanceOf(await monitoring.sampler.current()));
      },
    }),
    route({
      method: 'get',
      path: '/monitoring/session-stats',
      id: 'getSessionStats',
      group: GROUP,
      summary: 'How many sessions there are, and what they do',
      permission: 'monitoring:read',
      answers: { 200: { description: 'Numbers', schema: sessions } },
      handle(_request, reply) {
        const { pool, ...rest } = monitoring.sessionStats();
        const { state, total, active, idle, waiting, acquired, refused, timedOut } = pool;
        const now = { state, total, active, idle, waiting };
        reply.json({ ...rest, pool: { ...now, acquired, refused, timedOut } });
      },
    }),
  ];
}

const panel = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.string(),
  expression: z.string(),
  value: z.number().optional(),
  points: z.array(z.tuple([z.number(), z.number()])).meta({
    description: 'Milliseconds since 1970 and the value then, the oldest first',
  }),
});

function dashboardRoutes({ sampler, alerts }: Monitoring): readonly Route[] {
  const summary = z.object({ id: z.string(), title: z.string(), panels: z.int() });
  return [
    route({
      method: 'get',
      path: '/monitoring/dashboard',
      id: 'getDashboards',
      group: GROUP,
      summary: 'The dashboards there are, and how many alerts fire',
      permission: 'monitoring:read',
      answers: {
        200: {
          description: 'The list',
          schema: z.object({ dashboards: z.array(summary), alertsFiring: z.int() }),
        },
      },
      handle(_request, reply) {
        const dashboards = DASHBOARDS.map(({ id, title, panels }) => ({
          id,
          title,
          panels: panels.length,
        }));
        reply.json({ dashboards, alertsFiring: alerts.firing });
      },
    }),
    route({
      method: 'get',
      path: '/monitoring/dashboards/{id}',
      id: 'getDashboard',
      group: GROUP,
      summary: 'The panels of a dashboard with their curves',
      permission: 'monitoring:read',
      pathSchema: z.strictObject({ id: z.string() }),
      answers: {
        200: {
          description: 'The dashboard',
          schema: z.object({ id: z.string(), title: z.string(), panels: z.array(panel) }),
        },
      },
      handle({ path }, reply) {
        reply.json(dashboardOf(path.id, sampler));
      },
    }),
  ];
}

export function monitoringRoutes(monitoring: Monitoring, pages: PageSizes): readonly Route[] {
  return [
    ...metricRoutes(monitoring),
    logRoute(monitoring),
    ...statementRoutes(monitoring, pages),
    ...stateRoutes(monitoring),
    ...dashboardRoutes(monitoring),
  ];
}
