// `/admin/config`: the configuration while the server runs, and its versions.
import { z } from 'zod';
import {
  type ChangeBy,
  type ChangeReport,
  type ConfigStore,
  type ConfigVersion,
  maskedConfig,
} from '../../config/index.ts';
import { RustyError } from '../../errors/index.ts';
import { callerOf } from '../crud.ts';
import { type PageSizes, pageOf, pageQuery, pageShape } from '../page.ts';
import type { Reply } from '../reply.ts';
import { type Route, type RouteRequest, route } from '../route.ts';

const GROUP = 'Administration';

const scalar = z.union([z.string(), z.number(), z.boolean()]).nullable();

const change = z.object({
  key: z.string(),
  from: scalar,
  to: scalar.meta({ description: 'As one writes it: `30s`; null where it is not set' }),
  effect: z.enum(['now', 'restart', 'never']).meta({
    description: '`never` while an environment variable or a flag, see `setBy`, sets the key',
  }),
  setBy: z.string().optional(),
});

const version = z.object({
  version: z.int(),
  at: z.string(),
  by: z.string(),
  origin: z.enum(['start', 'request', 'sql', 'file', 'rollback']),
  changed: z.array(change),
});

const report = z.object({
  version: z.int(),
  changed: z.array(change),
  restartNeeded: z.array(z.string()),
});

const keyShape = z.object({
  key: z.string(),
  value: scalar,
  source: z.string(),
  live: z.boolean(),
  pending: scalar.optional().meta({ description: 'The value after the next start' }),
});

const whole = z.object({
  version: z.int(),
  config: z.record(z.string(), z.unknown()),
  keys: z.array(keyShape),
  restartNeeded: z.array(z.string()),
});

type AnyRequest = RouteRequest<unknown, unknown, unknown>;

/** The version that an `If-Match` names; undefined where any will do. */
function matchOf({ headers }: AnyRequest): number | undefined {
  const given = headers['if-match'];
  if (given === undefined || given === '*') return undefined;
  const found = /^"(\d{1,15})"$/.exec(given);
  if (found === null) {
    const what = `If-Match: ${given}: it is no version of the configuration`;
    throw RustyError.of('PRECONDITION_FAILED', { what });
  }
  return Number(found[1]);
}

/** Who changes it; a version that has passed is a 412 where a header named it, else a 409. */
async function changed(
  request: AnyRequest,
  reply: Reply,
  { source, origin, expected }: Omit<ChangeBy, 'by'>,
  run: (by: ChangeBy) => Promise<ChangeReport>,
): Promise<void> {
  const match = matchOf(request);
  const wanted = match ?? expected;
  const by = { by: callerOf(request).user, origin, source };
  try {
    const done = await run(wanted === undefined ? by : { ...by, expected: wanted });
    reply.header('ETag', `"${done.version}"`).json(done);
  } catch (error) {
    const isPassed = error instanceof RustyError && error.code === 'SERIALIZATION_FAILURE';
    if (!isPassed || match === undefined) throw error;
    const what = error.message.replace(/^could not serialize access: /, '');
    throw RustyError.of('PRECONDITION_FAILED', { what }, { details: error.details });
  }
}

const IF_MATCH = {
  'If-Match': 'The version that is to be changed, as `ETag` said it: another one is a 412',
};

function changeRoutes(store: ConfigStore): readonly Route[] {
  return [
    route({
      method: 'put',
      path: '/admin/config',
      id: 'changeConfig',
      group: GROUP,
      summary: 'Change the configuration',
      description:
        'A partial tree or dotted keys, with values as files have them; null takes back what was ' +
        'set at run time. It is kept in the data directory: above the file, below the environment ' +
        'and flags. Live keys take effect at once, others at the next start. With `version` a ' +
        'change that was made meanwhile is a 409.',
      permission: 'admin:config',
      isAudited: true,
      headers: IF_MATCH,
      bodySchema: z.looseObject({ version: z.int().min(1).optional() }),
      bodyExample: { monitoring: { slow_query_ms: 250 }, 'pool.acquire_timeout': '10s' },
      answers: { 200: { description: 'What changed', schema: report } },
      handle(request, reply) {
        const { version: expected, ...tree } = request.body;
        const about = { source: 'PUT /admin/config', origin: 'request' as const };
        const by = expected === undefined ? about : { ...about, expected };
        return changed(request, reply, by, (who) => store.change(tree, who));
      },
    }),
    route({
      method: 'post',
      path: '/admin/config/rollback',
      id: 'rollbackConfig',
      group: GROUP,
      summary: 'Set at run time again what was so in an earlier version',
      description: 'Without `to`, the version before. The rollback is a version of its own.',
      permission: 'admin:config',
      isAudited: true,
      headers: IF_MATCH,
      bodySchema: z.strictObject({ to: z.int().min(1).optional() }),
      bodyExample: {},
      answers: { 200: { description: 'What changed', schema: report } },
      handle(request, reply) {
        const by = { source: 'POST /admin/config/rollback', origin: 'rollback' as const };
        return changed(request, reply, by, (who) => store.rollback(request.body.to, who));
      },
    }),
  ];
}

const PLACE = {
  placeOf: (one: ConfigVersion) => String(one.version).padStart(15, '0'),
  isNewestFirst: true,
};

function versionRoutes(store: ConfigStore, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/config/versions',
      id: 'listConfigVersions',
      group: GROUP,
      summary: 'The versions of the configuration, the newest first',
      permission: 'admin:config',
      querySchema: pageQuery(pages),
      answers: { 200: { description: 'A page of them', schema: pageShape(version) } },
      handle({ query }, reply) {
        reply.json(pageOf(store.versions(), query, PLACE));
      },
    }),
    route({
      method: 'get',
      path: '/admin/config/versions/{version}',
      id: 'getConfigVersion',
      group: GROUP,
      summary: 'What a version changed, or what is otherwise since another one',
      permission: 'admin:config',
      pathSchema: z.strictObject({ version: z.coerce.number().int().min(1) }),
      querySchema: z.strictObject({
        since: z.coerce.number().int().min(1).optional().meta({
          description: 'A version: `changed` is then from that one to this one',
        }),
      }),
      answers: { 200: { description: 'The version', schema: version } },
      handle({ path, query }, reply) {
        const found = store.versions().find((one) => one.version === path.version);
        if (found === undefined) {
          const what = `version ${path.version} of the configuration`;
          throw RustyError.of('NOT_FOUND', { what });
        }
        const { since } = query;
        if (since === undefined) reply.json(found);
        else reply.json({ ...found, changed: store.diff(since, path.version) });
      },
    }),
  ];
}

export function configRoutes(store: ConfigStore, pages: PageSizes): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/config',
      id: 'getConfig',
      group: GROUP,
      summary: 'The configuration that is in force, with what set each key',
      permission: 'admin:config',
      answers: { 200: { description: 'Secrets masked; `ETag` is the version', schema: whole } },
      handle(_request, reply) {
        const { version: now, restartNeeded } = store;
        reply.header('ETag', `"${now}"`);
        const config = maskedConfig(store.config);
        reply.json({ version: now, config, keys: store.keys(), restartNeeded });
      },
    }),
    ...changeRoutes(store),
    ...versionRoutes(store, pages),
  ];
}
