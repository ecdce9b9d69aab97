// `/health` and the probes of Kubernetes, `/version`, `/config`.
import { z } from 'zod';
import type { HealthService } from '../../services/health-service.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Health';

const checks = z.record(z.string(), z.string());

const health = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  checks,
  uptimeSeconds: z.number(),
  version: z.string(),
});

const PROBES = [
  { name: 'live', word: 'alive', summary: 'The process answers' },
  { name: 'ready', word: 'ready', summary: 'Recovery is over and statements run' },
  { name: 'startup', word: 'started', summary: 'The server has started' },
] as const;

function probe({ name, word, summary }: (typeof PROBES)[number], service: HealthService): Route {
  const shape = z.object({ status: z.string(), checks: checks.optional() });
  return route({
    method: 'get',
    path: `/health/${name}`,
    atRoot: true,
    id: `health${name[0]?.toUpperCase()}${name.slice(1)}`,
    group: GROUP,
    summary,
    permission: 'none',
    answers: {
      200: { description: 'Yes', schema: shape },
      503: { description: 'Not yet, or not any more; `checks` says why', schema: shape },
    },
    async handle(_request, reply) {
      if (name !== 'ready') {
        reply.json({ status: word });
        return;
      }
      const { status, checks } = await service.health();
      const isReady = status !== 'unhealthy';
      reply.json({ status: isReady ? word : 'not ready', checks }, isReady ? 200 : 503);
    },
  });
}

export function healthRoutes(service: HealthService): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/health',
      atRoot: true,
      id: 'health',
      group: GROUP,
      summary: 'How the server is',
      permission: 'none',
      answers: {
        200: { description: 'Healthy or degraded', schema: health },
        503: { description: 'Unhealthy', schema: health },
      },
      async handle(_request, reply) {
        const found = await service.health();
        reply.json(found, found.status === 'unhealthy' ? 503 : 200);
      },
    }),
    ...PROBES.map((one) => probe(one, service)),
    route({
      method: 'get',
      path: '/version',
      id: 'version',
      group: GROUP,
      summary: 'What runs here',
      permission: 'none',
      answers: {
        200: {
          description: 'The versions',
          schema: z.object({ version: z.string(), postgresql: z.string(), node: z.string() }),
        },
      },
      handle(_request, reply) {
        reply.json(service.versions());
      },
    }),
  ];
}
