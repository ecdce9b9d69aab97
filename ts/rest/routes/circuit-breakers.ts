// `/network/circuit-breakers`: what is left alone for a while because it keeps failing.
import { z } from 'zod';
import { BREAKER_POLICY, type BreakerReport } from '../../util/circuit-breaker.ts';
import type { CircuitBreakers } from '../../util/circuit-breakers.ts';
import { given } from '../../util/given.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Circuit breakers';
const PATH = '/network/circuit-breakers';
const DAY_MS = 86_400_000;

const state = z.enum(['closed', 'open', 'half-open']);

const policy = z.strictObject({
  failureThreshold: z.int().min(1).max(1_000_000).meta({ description: 'Failures in a row' }),
  failureRatio: z.number().min(0.001).max(1).meta({ description: 'Share of failures' }),
  minimumVolume: z.int().min(1).max(1_000_000).meta({ description: 'Calls for a share' }),
  windowMs: z.int().min(100).max(DAY_MS),
  successThreshold: z.int().min(1).max(1000).meta({ description: 'Calls that close it' }),
  timeoutMs: z.int().min(1).max(DAY_MS).meta({ description: 'From open to half-open' }),
});

const report = z.object({
  name: z.string(),
  state,
  generation: z.int(),
  since: z.string(),
  isTripped: z.boolean().meta({ description: 'Opened by hand, until it is reset' }),
  retryAfterMs: z.number().nullable(),
  consecutiveFailures: z.int(),
  window: z.object({ calls: z.int(), failures: z.int() }),
  calls: z.object({
    succeeded: z.int(),
    failed: z.int(),
    refused: z.int(),
    late: z.int().meta({ description: 'Ended after the generation that made them' }),
  }),
  policy,
});

const change = z.object({
  at: z.string(),
  from: state,
  to: state,
  reason: z.string(),
  generation: z.int(),
  error: z.string().nullable(),
});

const test = z.object({
  probed: z.boolean().meta({ description: 'False where there is no probe: the next calls decide' }),
  error: z.string().nullable(),
  breaker: report,
});

const setting = policy
  .partial()
  .extend({ state: z.literal('open').optional().meta({ description: 'Open it by hand' }) });

const pathSchema = z.strictObject({ name: z.string().regex(/^[\w.:-]{1,64}$/) });

const ORDER = { placeOf: ({ name }: BreakerReport) => name };
const one = { 200: { description: 'The breaker', schema: report } };

function readRoutes(breakers: CircuitBreakers, pages: PageSizes): readonly Route[] {
  const permission = 'network:read';
  return [
    route({
      method: 'get',
      path: PATH,
      id: 'listCircuitBreakers',
      group: GROUP,
      summary: 'The circuit breakers, by name',
      permission,
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(report) } },
      handle({ query }, reply) {
        const all = breakers.list().map((breaker) => breaker.report());
        reply.json(pageOf(all, query, ORDER));
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{name}`,
      id: 'getCircuitBreaker',
      group: GROUP,
      summary: 'A circuit breaker: its state, its counts, its policy',
      permission,
      pathSchema,
      answers: one,
      handle({ path }, reply) {
        reply.json(breakers.find(path.name).report());
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{name}/history`,
      id: 'getCircuitBreakerHistory',
      group: GROUP,
      summary: 'The last changes of its state, the newest first',
      permission,
      pathSchema,
      answers: {
        200: {
          description: 'At most a hundred',
          schema: z.object({ items: z.array(change), total: z.int() }),
        },
      },
      handle({ path }, reply) {
        const items = breakers.find(path.name).history;
        reply.json({ items, total: items.length });
      },
    }),
  ];
}

export function circuitBreakerRoutes(
  breakers: CircuitBreakers,
  pages: PageSizes,
): readonly Route[] {
  const permission = 'network:write';
  return [
    ...readRoutes(breakers, pages),
    route({
      method: 'put',
      path: `${PATH}/{name}`,
      id: 'setCircuitBreaker',
      isAudited: true,
      group: GROUP,
      summary: 'Change the policy of a circuit breaker, or open it by hand',
      description:
        'What is left out stays as it is. One that nobody uses yet is made, for who will use it.',
      permission,
      pathSchema,
      bodySchema: setting,
      bodyExample: { failureThreshold: BREAKER_POLICY.failureThreshold, timeoutMs: 10_000 },
      answers: one,
      handle({ path, body }, reply) {
        const { state: wanted, ...changes } = body;
        const breaker = breakers.configure(path.name, given(changes));
        if (wanted === 'open') breaker.trip();
        reply.json(breaker.report());
      },
    }),
    route({
      method: 'post',
      path: `${PATH}/{name}/reset`,
      id: 'resetCircuitBreaker',
      isAudited: true,
      group: GROUP,
      summary: 'Close a circuit breaker, whatever was counted',
      permission,
      pathSchema,
      answers: one,
      handle({ path }, reply) {
        const breaker = breakers.find(path.name);
        breaker.reset();
        reply.json(breaker.report());
      },
    }),
    route({
      method: 'post',
      path: `${PATH}/{name}/test`,
      id: 'testCircuitBreaker',
      isAudited: true,
      group: GROUP,
      summary: 'Try now what the breaker protects from, without waiting for its time',
      permission,
      pathSchema,
      answers: { 200: { description: 'What came of it', schema: test } },
      async handle({ path }, reply) {
        const breaker = breakers.find(path.name);
        reply.json({ ...(await breaker.test()), breaker: breaker.report() });
      },
    }),
  ];
}
