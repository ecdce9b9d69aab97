// `/admin`: what operators do to a running server.
import { z } from 'zod';
import type { AuditLog } from '../../audit/index.ts';
import type { ConfigStore } from '../../config/index.ts';
import type { LogRing } from '../../monitoring/index.ts';
import type { StatementRunner } from '../../services/catalog/statement-runner.ts';
import type { JobRegistry } from '../../services/jobs/job-registry.ts';
import { callerOf } from '../crud.ts';
import type { PageSizes } from '../page.ts';
import { type Route, route } from '../route.ts';
import { auditRoutes } from './audit.ts';
import { configRoutes } from './config.ts';
import { maintenanceRoute } from './maintenance.ts';

/** What of a server its operators see and change. */
export interface AdminParts {
  readonly store: ConfigStore;
  readonly audit: AuditLog;
  /** The last lines of the log. */
  readonly recent: LogRing;
  /** Ends the server in order. */
  readonly requestShutdown: (reason: string) => void;
}

export interface AdminRoutesOptions extends AdminParts {
  readonly runner: StatementRunner;
  readonly jobs: JobRegistry;
  readonly pages: PageSizes;
}

function shutdownRoute({ requestShutdown }: AdminParts): Route {
  return route({
    method: 'post',
    path: '/admin/shutdown',
    id: 'shutdown',
    group: 'Administration',
    summary: 'Stop the server in order',
    description:
      'As SIGTERM: no more connections, requests and statements that run have ' +
      '`network.shutdown_timeout`, then a checkpoint and the end. This answer comes before.',
    permission: 'admin:shutdown',
    isAudited: true,
    answers: {
      202: { description: 'It stops', schema: z.object({ status: z.literal('stopping') }) },
    },
    handle(request, reply) {
      reply.json({ status: 'stopping' }, 202);
      requestShutdown(`POST /admin/shutdown by ${callerOf(request).user}`);
    },
  });
}

export function adminRoutes(options: AdminRoutesOptions): readonly Route[] {
  return [
    ...configRoutes(options.store, options.pages),
    ...auditRoutes(options.audit, options.pages),
    maintenanceRoute(options.runner, options.jobs),
    shutdownRoute(options),
  ];
}
