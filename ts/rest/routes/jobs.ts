// `/jobs`: what goes on after its request was answered.
import { z } from 'zod';
import type { Job, JobRegistry } from '../../services/jobs/job-registry.ts';
import { callerOf } from '../crud.ts';
import { errorBody } from '../error-body.ts';
import { errorSchema } from '../error-schema.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import { type Route, route } from '../route.ts';
import { importAnswer } from './transfer.ts';

const GROUP = 'Jobs';

const job = z.object({
  id: z.string(),
  kind: z.enum(['import', 'maintenance']),
  subject: z.string().meta({ description: 'What it is about: a table, an operation' }),
  state: z.enum(['running', 'cancelling', 'succeeded', 'failed', 'cancelled']),
  progress: z.number().min(0).max(1),
  started: z.string(),
  finished: z.string().nullable(),
  error: errorSchema.shape.error.nullable(),
  result: importAnswer
    .nullable()
    .meta({ description: 'What the request would have answered, of an import' }),
});

function shown({ requestId, error, finished, result, ...rest }: Job): object {
  return {
    ...rest,
    finished: finished ?? null,
    error: error === undefined ? null : errorBody(error, requestId).error,
    result: result ?? null,
  };
}

const ORDER = { placeOf: ({ started, id }: Job) => `${started} ${id}`, isNewestFirst: true };

const pathSchema = z.strictObject({ id: z.string() });

/** The jobs of whom asks; those of others are not there. */
export function jobRoutes(jobs: JobRegistry, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/jobs',
      id: 'listJobs',
      group: GROUP,
      summary: 'Your jobs, the newest first',
      permission: 'jobs:read',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(job) } },
      handle(request, reply) {
        const all = jobs.list(callerOf(request).user);
        const { items, ...page } = pageOf(all, request.query, ORDER);
        reply.json({ items: items.map(shown), ...page });
      },
    }),
    route({
      method: 'get',
      path: '/jobs/{id}',
      id: 'getJob',
      group: GROUP,
      summary: 'How far a job is, and what came of it',
      permission: 'jobs:read',
      pathSchema,
      answers: { 200: { description: 'The job', schema: job } },
      handle(request, reply) {
        reply.json(shown(jobs.get(callerOf(request).user, request.path.id)));
      },
    }),
    route({
      method: 'delete',
      path: '/jobs/{id}',
      id: 'cancelJob',
      group: GROUP,
      summary: 'Cancel a job, which leaves nothing behind; one that has ended is forgotten',
      permission: 'jobs:cancel',
      pathSchema,
      answers: { 204: { description: 'It ends, or is forgotten' } },
      handle(request, reply) {
        jobs.cancel(callerOf(request).user, request.path.id);
        reply.empty();
      },
    }),
  ];
}
