// `/openapi.json`, `/config` and `/metrics`: what the server says of itself.
import { z } from 'zod';
import { type ConfigStore, maskedConfig } from '../../config/index.ts';
import type { Metrics } from '../../monitoring/metrics.ts';
import { type Route, route } from '../route.ts';

export function metaRoutes(store: ConfigStore, metrics: Metrics): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/config',
      id: 'config',
      group: 'Configuration',
      summary: 'The values that are in force, secrets masked',
      permission: 'admin:config',
      answers: {
        200: { description: 'Section by section', schema: z.record(z.string(), z.unknown()) },
      },
      handle(_request, reply) {
        reply.json(maskedConfig(store.config));
      },
    }),
    metricsRoute(metrics),
  ];
}

export function metricsRoute(metrics: Metrics): Route {
  return route({
    method: 'get',
    path: '/metrics',
    atRoot: true,
    id: 'metrics',
    group: 'Health',
    summary: 'Metrics as Prometheus reads them',
    permission: 'monitoring:read',
    answers: {
      200: { description: 'The text format', contentTypes: [metrics.contentType] },
    },
    async handle(_request, reply) {
      reply.text(metrics.contentType, await metrics.text());
    },
  });
}
