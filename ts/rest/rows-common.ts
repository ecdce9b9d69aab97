// What reading and writing rows have in common: the shapes of their requests, and how they answer.
import { z } from 'zod';
import type { RelationName } from '../services/catalog/relation.ts';
import { parseKey } from '../services/rows/key.ts';
import { errorBody, toRustyError } from './error-body.ts';
import type { Preferences } from './preferences.ts';
import type { Reply } from './reply.ts';
import type { RouteRequest } from './route.ts';
import { RowReply, type RowReplyOptions } from './row-reply.ts';

export const ROWS_GROUP = 'Rows';

export interface TablePath {
  readonly name: string;
}

const text = (description: string) => z.string().optional().meta({ description });

/** Beside those that are named, parameters are filters. */
const filtered = z.string();

export const rowQuery = z
  .object({
    select: text('Columns and embedded tables: `id,total:amount.sum(),customer(name)`'),
    order: text('`name.desc.nullslast,id`'),
    limit: text('At most so many rows'),
    offset: text('Rows that are left out first'),
    and: text('`(age.gte.18,age.lt.65)`'),
    or: text('`(age.lt.18,city.not.is.null)`'),
  })
  .catchall(filtered);

export const writeQuery = z
  .object({
    select: text('What the answer has of the rows that were written'),
    and: text('`(age.gte.18,age.lt.65)`'),
    or: text('`(age.lt.18,city.not.is.null)`'),
  })
  .catchall(filtered);

export const insertQuery = z.looseObject({
  select: text('What the answer has of the rows that were written'),
  columns: text('The columns of the body that count'),
  on_conflict: text('The columns by which a row is a duplicate, where not the primary key'),
});

export const tablePath = z.strictObject({
  name: z.string().meta({ description: 'A table or view; `schema.table` of another schema' }),
});

export const rowPath = tablePath.extend({
  pk: z.string().meta({ description: 'The key; of several columns in their order: `1,eu`' }),
});

export const READ_HEADERS = {
  Prefer: '`count=exact`, `count=planned`, `count=estimated`, `explain=plan`, `explain=analyze`',
  'Accept-Profile': 'The schema, where the name has none',
} as const;

export const LIST_HEADERS = { ...READ_HEADERS, Range: 'The rows that are wanted: `0-24`' } as const;

export const WRITE_HEADERS = {
  Prefer:
    '`return=minimal`, `return=headers-only`, `return=representation`, `count=exact`, ' +
    '`tx=rollback`, `max-affected=N`, `explain=plan`, `explain=analyze`',
  'Content-Profile': 'The schema, where the name has none',
} as const;

export const INSERT_HEADERS = {
  ...WRITE_HEADERS,
  Prefer:
    `${WRITE_HEADERS.Prefer}, \`resolution=merge-duplicates\`, ` +
    '`resolution=ignore-duplicates`, `missing=default`',
} as const;

export const rowShape = z.record(z.string(), z.unknown());
/** What `Prefer: explain=` answers. */
export const planShape = z.array(rowShape);
export const OTHER_ROW_TYPES = [
  'application/x-ndjson',
  'text/csv',
  'application/vnd.pgrst.object+json',
];

/** The undecoded last part of the path, whose commas separate. */
export const keyOf = ({ rawPath }: RouteRequest<unknown, unknown, unknown>): readonly string[] =>
  parseKey(rawPath.slice(rawPath.lastIndexOf('/') + 1));

export function sayApplied(reply: Reply, { applied }: Preferences): void {
  if (applied.length > 0) reply.header('Preference-Applied', applied.join(', '));
}

export const missingRow = ({ name }: RelationName, key: readonly string[]): string =>
  `row ${key.join(',')} of "${name}"`;

/** How the one row of a key is answered. */
export const asOneRow = (target: RelationName, key: readonly string[]) => ({
  contentType: 'application/json',
  missing: missingRow(target, key),
});

/** Runs `work` with where its rows go, and ends the answer. */
export async function answerRows(
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
