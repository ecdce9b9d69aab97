// `/tables/{name}/rows`: rows by filters, as users of PostgREST know them.
import { z } from 'zod';
import type { RelationName } from '../../services/catalog/relation.ts';
import { parseRowQuery } from '../../services/rows/parse-row-query.ts';
import type { RowQuery } from '../../services/rows/row-query.ts';
import type { RowRead, RowService } from '../../services/rows/row-service.ts';
import type { RowWriter } from '../../services/rows/row-writer.ts';
import { callerOf } from '../crud.ts';
import { errorBody } from '../error-body.ts';
import { errorSchema } from '../error-schema.ts';
import { parsePreferences } from '../preferences.ts';
import { relationOf } from '../relation-name.ts';
import type { Reply } from '../reply.ts';
import { type Route, type RouteRequest, route } from '../route.ts';
import { faultOfRange, parseRange, withRange } from '../row-range.ts';
import { type RowType, rowTypeOf } from '../row-reply.ts';
import {
  answerRows,
  asOneRow,
  keyOf,
  LIST_HEADERS,
  OTHER_ROW_TYPES,
  planShape,
  READ_HEADERS,
  ROWS_GROUP,
  rowPath,
  rowQuery,
  rowShape,
  sayApplied,
  type TablePath,
  tablePath,
} from '../rows-common.ts';
import { rowWriteRoutes } from './row-writes.ts';

type Request = RouteRequest<unknown, unknown, unknown>;

interface Reading {
  readonly target: RelationName;
  readonly query: RowQuery;
  readonly type: RowType;
  readonly key?: readonly string[];
}

async function read(
  service: RowService,
  request: Request,
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
    isCountOnly: request.isHead && key === undefined,
  };
  sayApplied(reply, preferences);
  reply.header('Content-Profile', target.schema);
  if (explain !== undefined) {
    reply.json(await service.explain(callerOf(request), asked, explain === 'analyze'));
    return;
  }
  const { offset = 0, limit } = query;
  const options = {
    type,
    status: 200,
    offset,
    hasRange: key === undefined,
    isCountOnly: asked.isCountOnly === true && count !== undefined,
    ...(limit === undefined ? {} : { limit }),
    ...(key === undefined ? {} : asOneRow(target, key)),
  };
  await answerRows(reply, options, request.context.requestId, (rows) =>
    service.read(callerOf(request), asked, rows),
  );
}

function listRows(service: RowService): Route {
  return route({
    method: 'get',
    path: '/tables/{name}/rows',
    makesStatements: true,
    id: 'listRows',
    group: ROWS_GROUP,
    summary: 'Rows that meet the filters',
    description:
      'Every other parameter is a filter, `column=operator.value`, as `age=gte.30`. The array ' +
      'streams; where it breaks off after its status has gone out, the connection breaks.',
    permission: 'rows:read',
    pathSchema: tablePath,
    querySchema: rowQuery,
    headers: LIST_HEADERS,
    answers: {
      200: { description: 'The rows', schema: z.array(rowShape), contentTypes: OTHER_ROW_TYPES },
      206: { description: 'Some of the rows that were counted', schema: z.array(rowShape) },
      416: {
        description: 'The range begins behind the last row, or ends before it begins',
        schema: errorSchema,
      },
    },
    async handle(request, reply) {
      const { path, search, headers } = request;
      const range = parseRange(headers);
      const fault = faultOfRange(range);
      if (fault !== undefined) {
        reply.json(errorBody(fault, request.context.requestId), 416);
        return;
      }
      const query = withRange(parseRowQuery(search), range);
      const target = relationOf((path as TablePath).name, headers, 'accept-profile');
      await read(service, request, reply, { target, query, type: rowTypeOf(headers.accept) });
    },
  });
}

function getRow(service: RowService): Route {
  return route({
    method: 'get',
    path: '/tables/{name}/rows/{pk}',
    makesStatements: true,
    id: 'getRow',
    group: ROWS_GROUP,
    summary: 'One row by its primary key',
    permission: 'rows:read',
    pathSchema: rowPath,
    querySchema: rowQuery,
    headers: READ_HEADERS,
    answers: { 200: { description: 'The row', schema: z.union([rowShape, planShape]) } },
    async handle(request, reply) {
      const { path, search, headers } = request;
      const target = relationOf((path as TablePath).name, headers, 'accept-profile');
      const query = parseRowQuery(search);
      const type = 'application/vnd.pgrst.object+json';
      await read(service, request, reply, { target, query, type, key: keyOf(request) });
    },
  });
}

export function rowRoutes(service: RowService, writer: RowWriter): readonly Route[] {
  return [listRows(service), getRow(service), ...rowWriteRoutes(writer)];
}
