// The headers `Range: 0-24` and `Range-Unit: items`: a page of rows.
import type { IncomingHttpHeaders } from 'node:http';
import { RustyError } from '../errors/index.ts';
import type { RowQuery } from '../services/rows/row-query.ts';

/** Rows from the first to the last of these, counted from 0; without a last, all that follow. */
export interface RowRange {
  readonly first: number;
  readonly last?: number;
}

/** Undefined where there is none, or one of another unit. One that ends before it begins is kept. */
export function parseRange(headers: IncomingHttpHeaders): RowRange | undefined {
  const unit = headers['range-unit'] ?? 'items';
  const found = /^(?:items=)?(\d{1,15})-(\d{1,15})?$/.exec(headers.range?.trim() ?? '');
  if (unit !== 'items' || found === null) return undefined;
  const first = Number(found[1]);
  if (found[2] === undefined) return { first };
  return { first, last: Number(found[2]) };
}

/** Why no rows can be in the range: it is answered with 416. */
export function faultOfRange(range: RowRange | undefined): RustyError | undefined {
  if (range?.last === undefined || range.last >= range.first) return undefined;
  return RustyError.of('VALIDATION_ERROR', {
    what: `Range: ${range.first}-${range.last} ends before it begins`,
  });
}

/** The query for the rows that are in the range and within its own limit and offset. */
export function withRange(query: RowQuery, range: RowRange | undefined): RowQuery {
  if (range === undefined) return query;
  const { offset: from = 0, limit: size = Number.POSITIVE_INFINITY } = query;
  const { first, last = Number.POSITIVE_INFINITY } = range;
  const offset = Math.max(from, first);
  const limit = Math.max(0, Math.min(from + size, last + 1) - offset);
  return { ...query, offset, ...(Number.isFinite(limit) ? { limit } : {}) };
}
