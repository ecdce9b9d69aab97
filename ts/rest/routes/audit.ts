// The audit log over HTTP: one log, and filters of it under the names of those who look for parts.
import { z } from 'zod';
import { AUDIT_TYPES, type AuditLog, type AuditType, searchAudit } from '../../audit/index.ts';
import { type PageSizes, pageQuery, readCursor, writeCursor } from '../page.ts';
import { type Route, route } from '../route.ts';

const GROUP = 'Audit';

/** What the gateway decides. */
const GATEWAY: readonly AuditType[] = [
  'authentication',
  'authorization',
  'rate_limit',
  'request',
  'request_blocked',
  'suspicious',
];
const SECURITY = GATEWAY.filter((type) => type !== 'request');

const record = z.object({
  seq: z.int(),
  timestamp: z.string(),
  type: z.enum(AUDIT_TYPES),
  action: z.string(),
  result: z.enum(['success', 'failure']),
  user: z.string().optional(),
  clientIp: z.string().optional(),
  requestId: z.string().optional(),
  resource: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  position: z.string().optional().meta({ description: 'Of the log of the database' }),
  previous: z.string().meta({ description: 'The hash of the record before' }),
  hash: z.string(),
});

const page = z.object({ items: z.array(record), nextCursor: z.string().optional() });

const moment = z.iso.datetime({ offset: true });

const querySchema = (pages: PageSizes) =>
  pageQuery(pages)
    .omit({ offset: true })
    .extend({
      type: z.enum(AUDIT_TYPES).optional(),
      user: z.string().optional(),
      action: z.string().optional(),
      result: z.enum(['success', 'failure']).optional(),
      from: moment.optional().meta({ description: 'The first moment' }),
      to: moment.optional().meta({ description: 'The last moment' }),
    });

const utc = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : new Date(text).toISOString();

interface Place {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly types?: readonly AuditType[];
}

const PLACES: readonly Place[] = [
  { path: '/admin/audit', id: 'listAudit', summary: 'The audit log, the newest record first' },
  {
    path: '/gateway/audit',
    id: 'listGatewayAudit',
    summary: 'Of the audit log what the gateway decided',
    types: GATEWAY,
  },
  {
    path: '/security/audit',
    id: 'listSecurityAudit',
    summary: 'Of the audit log what concerns security',
    types: SECURITY,
  },
];

/** Both filters hold: the place's, and the one that was asked for. */
function typesOf(
  own: readonly AuditType[] | undefined,
  asked: AuditType | undefined,
): readonly AuditType[] | undefined {
  if (asked === undefined) return own;
  return own === undefined || own.includes(asked) ? [asked] : [];
}

export function auditRoutes(log: AuditLog, pages: PageSizes): readonly Route[] {
  return PLACES.map(({ path, id, summary, types }) =>
    route({
      method: 'get',
      path,
      id,
      group: GROUP,
      summary,
      description: 'A page may be short, or empty, though `nextCursor` says that there is more.',
      permission: 'audit:read',
      querySchema: querySchema(pages),
      answers: { 200: { description: 'A page of records', schema: page } },
      async handle({ query }, reply) {
        const { limit, cursor, type, user, action, result, from, to } = query;
        const before = cursor === undefined ? undefined : readCursor(cursor, z.tuple([z.int()]))[0];
        const range = { from: utc(from), to: utc(to) };
        const filter = { types: typesOf(types, type), user, action, result, ...range };
        const found = await searchAudit(log, filter, { limit, before });
        const next = found.before === undefined ? {} : { nextCursor: writeCursor([found.before]) };
        reply.json({ items: found.items, ...next });
      },
    }),
  );
}
