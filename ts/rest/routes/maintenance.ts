// `/admin/maintenance`: what is done to a database from time to time, as a job.
import { z } from 'zod';
import { RustyError } from '../../errors/index.ts';
import { type SqlPart, sql } from '../../services/catalog/sql-part.ts';
import type { StatementRunner } from '../../services/catalog/statement-runner.ts';
import type { JobRegistry } from '../../services/jobs/job-registry.ts';
import { callerOf } from '../crud.ts';
import { relationOf } from '../relation-name.ts';
import { type Route, route } from '../route.ts';

const OPERATIONS = ['vacuum', 'analyze', 'reindex', 'checkpoint', 'verify'] as const;
type Operation = (typeof OPERATIONS)[number];

const body = z.strictObject({
  operation: z.enum(OPERATIONS),
  options: z
    .strictObject({
      table: z.string().min(1).optional().meta({ description: 'Without it, all of the database' }),
    })
    .default({}),
});

/** The statement of an operation; NOT_IMPLEMENTED where a server that runs cannot do it. */
function statementOf(operation: Operation, table: SqlPart | undefined): SqlPart {
  switch (operation) {
    case 'analyze':
      return table === undefined ? sql`ANALYZE` : sql`ANALYZE ${table}`;
    case 'vacuum':
      return table === undefined ? sql`VACUUM` : sql`VACUUM ${table}`;
    case 'checkpoint':
      if (table === undefined) return sql`CHECKPOINT`;
      throw RustyError.of('VALIDATION_ERROR', {
        what: 'body: options.table: a checkpoint has none',
      });
    case 'reindex':
      return table === undefined
        ? sql`REINDEX DATABASE ${sql.id('rustydb')}`
        : sql`REINDEX TABLE ${table}`;
    case 'verify':
      throw RustyError.of(
        'NOT_IMPLEMENTED',
        { what: 'verify of a directory that is in use' },
        { hint: '`rustydb verify` checks it while no server has it open.' },
      );
  }
}

export function maintenanceRoute(runner: StatementRunner, jobs: JobRegistry): Route {
  return route({
    method: 'post',
    path: '/admin/maintenance',
    id: 'maintain',
    group: 'Administration',
    summary: 'Vacuum, analyze, reindex, make a checkpoint',
    permission: 'admin:maintenance',
    isAudited: true,
    bodySchema: body,
    bodyExample: { operation: 'analyze' },
    answers: {
      202: { description: 'It runs as this job', schema: z.object({ jobId: z.string() }) },
    },
    handle(request, reply) {
      const { operation, options } = request.body;
      const { user } = callerOf(request);
      const name = options.table && relationOf(options.table, {}, 'content-profile');
      const table = name ? sql.id(name.schema, name.name) : undefined;
      const statement = statementOf(operation, table);
      const jobId = jobs.start({
        kind: 'maintenance',
        subject: options.table === undefined ? operation : `${operation} ${options.table}`,
        owner: user,
        requestId: request.context.requestId,
        async run({ signal }) {
          await runner.answer({ user, signal }, statement);
        },
      });
      reply.header('Location', `/api/v1/jobs/${jobId}`).json({ jobId }, 202);
    },
  });
}
