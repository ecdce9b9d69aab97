// What reading and writing rows have in common: the shapes of their requests, and how they answer.
import { z } from 'zod';
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

export const rowQuery = z.looseObject({
  select: text('Columns and embedded tables: `id,total:amount.sum(),customer(name)`'),
  order: text('`name.desc.nullslast,id`'),
  limit: text('At most so many rows'),
  offset: text('Rows that are left out first'),
  and: text('`(age.gte.18,age.lt.65)`'),
  or: text('`(age.lt.18,city.not.is.null)`'),
});

export const writeQuery = z.looseObject({
  select: text('What the answer has of the rows that were written'),
  and: text('`(age.gte.18,age.lt.65)`'),
  or: text('`(age.lt.18,city.not.is.null)`'),
});

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

export const rowShape = z.record(z.string(), z.unknown());
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
