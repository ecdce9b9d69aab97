// `/openapi.json`, `/config` and `/metrics`: what the server says of itself.
import { z } from 'zod';
import type { Config } from '../../config/index.ts';
import type { Metrics } from '../../monitoring/metrics.ts';
import { type Route, route } from '../route.ts';

/** What may be sent as a value of a key; what is secret is not. */
function masked(config: Config): unknown {
  const secret = /password|secret|token|private_?key/i;
  return JSON.parse(
    JSON.stringify(config, (key, value: unknown) =>
      secret.test(key) && typeof value === 'string' ? '[redacted]' : value,
    ),
  );
}

export function metaRoutes(config: Config, metrics: Metrics): readonly Route[] {
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
        reply.json(masked(config));
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
