// `/tables/{name}/rows`: rows by filters, as users of PostgREST know them.
import { z } from 'zod';
import type { RelationName } from '../../services/catalog/relation.ts';
import type { Caller } from '../../services/catalog/statement-runner.ts';
import { parseKey } from '../../services/rows/key.ts';
import { parseRowQuery } from '../../services/rows/parse-row-query.ts';
import type { RowQuery } from '../../services/rows/row-query.ts';
import type { RowRead, RowService } from '../../services/rows/row-service.ts';
import { errorBody, toRustyError } from '../error-body.ts';
import { type Preferences, parsePreferences } from '../preferences.ts';
import { relationOf } from '../relation-name.ts';
import type { Reply } from '../reply.ts';
import { type Route, type RouteRequest, route } from '../route.ts';
import { parseRange, withRange } from '../row-range.ts';
import { RowReply, type RowReplyOptions, type RowType, rowTypeOf } from '../row-reply.ts';

const GROUP = 'Rows';

type Request<Path> = RouteRequest<Path, unknown, unknown>;
interface TablePath {
  readonly name: string;
}

const text = (description: string) => z.string().optional().meta({ description });

const rowQuery = z.looseObject({
  select: text('Columns and embedded tables: `id,total:amount.sum(),customer(name)`'),
  order: text('`name.desc.nullslast,id`'),
  limit: text('At most so many rows'),
  offset: text('Rows that are left out first'),
  and: text('`(age.gte.18,age.lt.65)`'),
  or: text('`(age.lt.18,city.not.is.null)`'),
});

const tablePath = z.strictObject({
  name: z.string().meta({ description: 'A table or view; `schema.table` of another schema' }),
});

const rowPath = tablePath.extend({
  pk: z.string().meta({ description: 'The key; of several columns in their order: `1,eu`' }),
});

const rowShape = z.record(z.string(), z.unknown());
const OTHER_TYPES = ['application/x-ndjson', 'text/csv', 'application/vnd.pgrst.object+json'];

const callerOf = ({ context, signal }: Request<unknown>): Caller => ({
  user: context.principal?.user ?? '',
  signal,
});

/** The undecoded last part of the path, whose commas separate. */
const keyOf = ({ rawPath }: Request<unknown>): readonly string[] =>
  parseKey(rawPath.slice(rawPath.lastIndexOf('/') + 1));

function applied(reply: Reply, { applied }: Preferences): void {
  if (applied.length > 0) reply.header('Preference-Applied', applied.join(', '));
}

/** Runs `work` with where its rows go, and ends the answer. */
async function answerRows(
  reply: Reply,
  options: RowReplyOptions,
  requestId: string,
  work: (rows: RowReply) => Promise<void>,
): Promise<void> {
  const rows = new RowReply(reply, options);
  try {
    await work(rows);
    rows.end();
  } catch (error) {
    if (reply.isStreaming) rows.fail();
    else if (rows.isOutside) reply.json(errorBody(toRustyError(error), requestId), 416);
    else throw error;
  }
}

interface Reading {
  readonly target: RelationName;
  readonly query: RowQuery;
  readonly type: RowType;
  readonly key?: readonly string[];
}

async function read(
  service: RowService,
  request: Request<unknown>,
  reply: Reply,
  { target, query, type, key }: Reading,
): Promise<void> {
  const preferences = parsePreferences(request.headers.prefer);
  const { count, explain } = preferences;
  const asked: RowRead = {
    target,
    query,
    ...(key === undefined ? {} : { key }),
    ...(count === undefined ? {} : { count }),
  };
  applied(reply, preferences);
  reply.header('Content-Profile', target.schema);
  if (explain !== undefined) {
    reply.json(await service.explain(callerOf(request), asked, explain === 'analyze'));
    return;
  }
  const options = {
    type,
    status: 200,
    offset: query.offset ?? 0,
    ...(query.limit === undefined ? {} : { limit: query.limit }),
    hasRange: key === undefined,
    ...(key === undefined
      ? {}
      : { contentType: 'application/json', missing: `row ${key.join(',')} of "${target.name}"` }),
  };
  await answerRows(reply, options, request.context.requestId, (rows) =>
    service.read(callerOf(request), asked, rows),
  );
}

function listRows(service: RowService): Route {
  return route({
    method: 'get',
    path: '/tables/{name}/rows',
    id: 'listRows',
    group: GROUP,
    summary: 'Rows that meet the filters',
    description:
      'Every other parameter is a filter, `column=operator.value`, as `age=gte.30`. The array ' +
      'streams; where it breaks off after its status has gone out, the connection breaks.',
    permission: 'rows:read',
    pathSchema: tablePath,
    querySchema: rowQuery,
    answers: {
      200: { description: 'The rows', schema: z.array(rowShape), contentTypes: OTHER_TYPES },
      206: { description: 'Some of the rows that were counted', schema: z.array(rowShape) },
      416: { description: 'The range begins behind the last row' },
    },
    async handle(request, reply) {
      const { path, search, headers } = request;
      const query = withRange(parseRowQuery(search), parseRange(headers));
      const target = relationOf((path as TablePath).name, headers, 'accept-profile');
      await read(service, request, reply, { target, query, type: rowTypeOf(headers.accept) });
    },
  });
}

function getRow(service: RowService): Route {
  return route({
    method: 'get',
    path: '/tables/{name}/rows/{pk}',
    id: 'getRow',
    group: GROUP,
    summary: 'One row by its primary key',
    permission: 'rows:read',
    pathSchema: rowPath,
    querySchema: rowQuery,
    answers: { 200: { description: 'The row', schema: rowShape } },
    async handle(request, reply) {
      const { path, search, headers } = request;
      const target = relationOf((path as TablePath).name, headers, 'accept-profile');
      const query = parseRowQuery(search);
      const type = 'application/vnd.pgrst.object+json';
      await read(service, request, reply, { target, query, type, key: keyOf(request) });
    },
  });
}

export function rowRoutes(service: RowService): readonly Route[] {
  return [listRows(service), getRow(service)];
}
