// Writing rows: `POST`, `PATCH` and `DELETE` of `/tables/{name}/rows` and one of them.
import { z } from 'zod';
import { RustyError } from '../../errors/index.ts';
import { parseRowQuery } from '../../services/rows/parse-row-query.ts';
import type { RowWrite, RowWriter, WriteKind } from '../../services/rows/row-writer.ts';
import type { Returning } from '../../services/rows/write-sql.ts';
import { callerOf } from '../crud.ts';
import { type Preferences, parsePreferences } from '../preferences.ts';
import { relationOf } from '../relation-name.ts';
import type { Reply } from '../reply.ts';
import { type Route, type RouteRequest, route } from '../route.ts';
import { contentRange, type RowReply, type RowType, rowTypeOf } from '../row-reply.ts';
import {
  answerRows,
  asOneRow,
  INSERT_HEADERS,
  insertQuery,
  keyOf,
  missingRow,
  OTHER_ROW_TYPES,
  planShape,
  ROWS_GROUP,
  rowPath,
  rowShape,
  sayApplied,
  type TablePath,
  tablePath,
  WRITE_HEADERS,
  writeQuery,
} from '../rows-common.ts';

type Request = RouteRequest<unknown, unknown, unknown>;

const row = { type: 'object', additionalProperties: true } as const;
/** Unchecked here: what the columns are only the catalog knows. */
const oneRow = z.unknown().meta({ ...row, description: 'The columns that change' });
const someRows = z.unknown().meta({
  oneOf: [row, { type: 'array', items: row }],
  description: 'A row, or an array of them',
});

const DESCRIPTION =
  'Every other parameter is a filter, `column=operator.value`. `Prefer: return=representation` ' +
  'answers the rows as they are now, `tx=rollback` undoes everything, `max-affected=N` does so ' +
  'where more rows are affected.';

function returningOf({ return: wanted }: Preferences): Returning {
  if (wanted === 'representation') return 'rows';
  return wanted === 'headers-only' ? 'key' : 'nothing';
}

function writeOf(
  kind: WriteKind,
  request: Request,
  preferences: Preferences,
  key: readonly string[] | undefined,
): RowWrite {
  const { path, search, headers, body } = request;
  const { resolution, maxAffected } = preferences;
  const returning = returningOf(preferences);
  return {
    kind,
    target: relationOf((path as TablePath).name, headers, 'content-profile'),
    query: parseRowQuery(search),
    body,
    hasDefaults: preferences.missing === 'default',
    rollsBack: preferences.tx === 'rollback',
    // Only an insert has a place to tell.
    returning: returning === 'key' && kind !== 'insert' ? 'nothing' : returning,
    ...(key === undefined ? {} : { key }),
    ...(resolution === undefined ? {} : { resolution }),
    ...(maxAffected === undefined ? {} : { maxAffected }),
  };
}

/** The rows that were written, as the body. */
function answerWritten(
  writer: RowWriter,
  request: Request,
  write: RowWrite,
  status: number,
  reply: Reply,
  isCounted: boolean,
): Promise<void> {
  const { headers, context } = request;
  const { key, target } = write;
  const one = key === undefined ? undefined : asOneRow(target, key);
  const type: RowType =
    one === undefined ? rowTypeOf(headers.accept) : 'application/vnd.pgrst.object+json';
  const options = { type, status, offset: 0, hasRange: false, ...one };
  return answerRows(reply, options, context.requestId, async (rows: RowReply) => {
    await writer.write(callerOf(request), write, rows);
    if (isCounted && rows.rows !== undefined && !reply.isStreaming) {
      reply.header('Content-Range', contentRange(0, 0, rows.rows));
    }
  });
}

const NO_ROWS = {
  layout: 'objects',
  rows: 0,
  total: () => undefined,
  take: () => undefined,
  next: () => undefined,
} as const;

/** Nothing but headers. */
async function answerHeaders(
  writer: RowWriter,
  request: Request,
  write: RowWrite,
  status: number,
  reply: Reply,
  isCounted: boolean,
): Promise<void> {
  const { rows, key } = await writer.write(callerOf(request), write, NO_ROWS);
  if (write.key !== undefined && rows === 0) {
    throw RustyError.of('NOT_FOUND', { what: missingRow(write.target, write.key) });
  }
  if (isCounted) reply.header('Content-Range', contentRange(0, 0, rows));
  if (key !== undefined) reply.header('Location', `${request.rawPath}/${key}`);
  reply.empty(status);
}

async function answerWrite(
  writer: RowWriter,
  kind: WriteKind,
  request: Request,
  reply: Reply,
  key?: readonly string[],
): Promise<void> {
  const preferences = parsePreferences(request.headers.prefer);
  const write = writeOf(kind, request, preferences, key);
  sayApplied(reply, preferences);
  reply.header('Content-Profile', write.target.schema);
  const { explain, count } = preferences;
  if (explain !== undefined) {
    reply.json(await writer.explain(callerOf(request), write, explain === 'analyze'));
  } else if (write.returning === 'rows') {
    const status = kind === 'insert' ? 201 : 200;
    await answerWritten(writer, request, write, status, reply, count !== undefined);
  } else {
    const status = kind === 'insert' ? 201 : 204;
    await answerHeaders(writer, request, write, status, reply, count !== undefined);
  }
}

const rowsAnswer = {
  description: 'The rows, with `Prefer: return=representation`, or the plan',
  schema: z.array(rowShape),
  contentTypes: OTHER_ROW_TYPES,
};
const rowAnswer = {
  description: 'The row, with `Prefer: return=representation`, or the plan',
  schema: z.union([rowShape, planShape]),
};
const plan = { description: 'The plan, with `Prefer: explain=`', schema: planShape };
const nothing = { description: 'It is done' };

function insertRoute(writer: RowWriter): Route {
  return route({
    method: 'post',
    path: '/tables/{name}/rows',
    makesStatements: true,
    id: 'insertRows',
    group: ROWS_GROUP,
    summary: 'Insert rows, all or none',
    description:
      'The columns are those of all rows together; what a row does not have is NULL, with ' +
      '`Prefer: missing=default` its default. `resolution=merge-duplicates` changes rows whose ' +
      'key there is, `ignore-duplicates` leaves them.',
    permission: 'rows:insert',
    pathSchema: tablePath,
    querySchema: insertQuery,
    headers: INSERT_HEADERS,
    bodySchema: someRows,
    bodyExample: [
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
    ],
    keepsNumbers: true,
    answers: { 200: plan, 201: { ...rowsAnswer, description: 'They were inserted' } },
    handle: (request, reply) => answerWrite(writer, 'insert', request, reply),
  });
}

function changeRoutes(writer: RowWriter): readonly Route[] {
  const common = {
    group: ROWS_GROUP,
    querySchema: writeQuery,
    headers: WRITE_HEADERS,
    description: DESCRIPTION,
  };
  return [
    route({
      ...common,
      method: 'patch',
      path: '/tables/{name}/rows',
      makesStatements: true,
      id: 'updateRows',
      summary: 'Change the rows that meet the filters',
      permission: 'rows:update',
      pathSchema: tablePath,
      bodySchema: oneRow,
      bodyExample: { name: 'Ann' },
      keepsNumbers: true,
      answers: { 200: rowsAnswer, 204: nothing },
      handle: (request, reply) => answerWrite(writer, 'update', request, reply),
    }),
    route({
      ...common,
      method: 'delete',
      path: '/tables/{name}/rows',
      makesStatements: true,
      id: 'deleteRows',
      summary: 'Delete the rows that meet the filters',
      permission: 'rows:delete',
      pathSchema: tablePath,
      answers: { 200: rowsAnswer, 204: nothing },
      handle: (request, reply) => answerWrite(writer, 'delete', request, reply),
    }),
  ];
}

function rowRoutes(writer: RowWriter): readonly Route[] {
  const common = {
    group: ROWS_GROUP,
    querySchema: writeQuery,
    headers: WRITE_HEADERS,
    path: '/tables/{name}/rows/{pk}',
    makesStatements: true,
  };
  return [
    route({
      ...common,
      method: 'patch',
      id: 'updateRow',
      summary: 'Change one row',
      permission: 'rows:update',
      pathSchema: rowPath,
      bodySchema: oneRow,
      bodyExample: { name: 'Ann' },
      keepsNumbers: true,
      answers: { 200: rowAnswer, 204: nothing },
      handle: (request, reply) => answerWrite(writer, 'update', request, reply, keyOf(request)),
    }),
    route({
      ...common,
      method: 'delete',
      id: 'deleteRow',
      summary: 'Delete one row',
      permission: 'rows:delete',
      pathSchema: rowPath,
      answers: { 200: rowAnswer, 204: nothing },
      handle: (request, reply) => answerWrite(writer, 'delete', request, reply, keyOf(request)),
    }),
  ];
}

export function rowWriteRoutes(writer: RowWriter): readonly Route[] {
  return [insertRoute(writer), ...changeRoutes(writer), ...rowRoutes(writer)];
}
