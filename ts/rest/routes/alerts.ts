// `/monitoring/alerts`: rules over the metrics, and what they tell.
import { z } from 'zod';
import { COMPARISONS, SEVERITIES } from '../../services/monitoring/alert-rule.ts';
import type { Alert, AlertService } from '../../services/monitoring/alert-service.ts';
import type { MetricSampler } from '../../services/monitoring/metric-sampler.ts';
import { callerOf } from '../crud.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Monitoring';
const MAX_SECONDS = 24 * 3600;

export interface AlertParts {
  readonly alerts: AlertService;
  readonly sampler: MetricSampler;
}

const newRule = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,100}$/),
  expression: z.string().min(1).max(500).meta({
    description: 'Numbers, metrics with labels, `rate(metric)`, + - * / and parentheses',
  }),
  comparison: z.enum(COMPARISONS).default('>'),
  threshold: z.number(),
  forSecs: z.number().min(0).max(MAX_SECONDS).default(0),
  severity: z.enum(SEVERITIES).default('warning'),
  description: z.string().max(1000).default(''),
});

const rule = z.object({
  id: z.string(),
  expression: z.string(),
  comparison: z.enum(COMPARISONS),
  threshold: z.number(),
  forSecs: z.number(),
  severity: z.enum(SEVERITIES),
  description: z.string(),
  builtIn: z.boolean(),
});

const text = z.string().nullable();
const alert = z.object({
  id: z.string(),
  ruleId: z.string(),
  severity: z.enum(SEVERITIES),
  description: z.string(),
  state: z.enum(['pending', 'firing', 'resolved']),
  value: z.number(),
  threshold: z.number(),
  since: z.string(),
  firedAt: text,
  resolvedAt: text,
  acknowledgedBy: text,
  acknowledgedAt: text,
});

const idPath = z.strictObject({ id: z.string() });

function ruleRoutes({ alerts, sampler }: AlertParts, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/monitoring/alerts/rules',
      id: 'listAlertRules',
      group: GROUP,
      summary: 'The alert rules',
      permission: 'monitoring:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(rule) } },
      handle({ query }, reply) {
        const all = alerts.rules().map((one) => ({ ...one, builtIn: alerts.isBuiltIn(one.id) }));
        reply.json(pageOf(all, query, { placeOf: ({ id }) => id }));
      },
    }),
    route({
      method: 'post',
      path: '/monitoring/alerts/rules',
      id: 'createAlertRule',
      group: GROUP,
      summary: 'Add an alert rule',
      permission: 'monitoring:write',
      isAudited: true,
      bodySchema: newRule,
      bodyExample: {
        id: 'many-errors',
        expression: 'rate(rustydb_api_errors_total) / rate(rustydb_api_requests_total)',
        threshold: 0.1,
        forSecs: 60,
        severity: 'warning',
      },
      answers: { 201: { description: 'It is judged from the next sample on', schema: rule } },
      async handle({ body }, reply) {
        const { now } = await sampler.current();
        await alerts.addRule(body, (name) => now.has(name));
        reply.json({ ...body, builtIn: false }, 201);
      },
    }),
    route({
      method: 'delete',
      path: '/monitoring/alerts/rules/{id}',
      id: 'deleteAlertRule',
      group: GROUP,
      summary: 'Take an alert rule away',
      permission: 'monitoring:write',
      isAudited: true,
      pathSchema: idPath,
      answers: { 204: { description: 'It is gone, and its alert resolved' } },
      async handle({ path }, reply) {
        await alerts.removeRule(path.id);
        reply.empty();
      },
    }),
  ];
}

const ORDER = { placeOf: ({ since, id }: Alert) => `${since} ${id}`, isNewestFirst: true };

export function alertRoutes(parts: AlertParts, pages: PageSizes): readonly Route[] {
  const { alerts } = parts;
  return [
    route({
      method: 'get',
      path: '/monitoring/alerts',
      id: 'listAlerts',
      group: GROUP,
      summary: 'What is pending, fires or was resolved, the newest first',
      permission: 'monitoring:read',
      querySchema: pageQuery(pages).extend({
        state: z.enum(['pending', 'firing', 'resolved']).optional(),
      }),
      answers: { 200: { description: 'A page of alerts', schema: pageShape(alert) } },
      handle({ query }, reply) {
        const { state } = query;
        const all = alerts.list().filter((one) => state === undefined || one.state === state);
        reply.json(pageOf(all, query, ORDER));
      },
    }),
    route({
      method: 'post',
      path: '/monitoring/alerts/{id}/acknowledge',
      id: 'acknowledgeAlert',
      group: GROUP,
      summary: 'Say that you have seen an alert',
      permission: 'monitoring:write',
      isAudited: true,
      pathSchema: idPath,
      answers: { 200: { description: 'The alert', schema: alert } },
      handle(request, reply) {
        reply.json(alerts.acknowledge(request.path.id, callerOf(request).user));
      },
    }),
    ...ruleRoutes(parts, pages),
  ];
}
