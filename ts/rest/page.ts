// The pages of lists that are in memory: what a request asks for, and what it gets.
import { z } from 'zod';
import { RustyError } from '../errors/index.ts';

/** The sizes of pages. */
export interface PageSizes {
  readonly defaultSize: number;
  readonly maxSize: number;
}

/** `?limit=&offset=` or `?cursor=`, of every list. */
export const pageQuery = ({ defaultSize, maxSize }: PageSizes) =>
  z.strictObject({
    limit: z.coerce.number().int().min(1).max(maxSize).default(defaultSize),
    offset: z.coerce.number().int().min(0).default(0),
    cursor: z.string().optional().meta({ description: '`nextCursor` of the page before' }),
  });

export const pageShape = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), total: z.int(), nextCursor: z.string().optional() });

/** What a cursor stands for, as clients hand it back. */
export function writeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** What `writeCursor` was given; VALIDATION_ERROR where that is not of `shape`. */
export function readCursor<Place>(cursor: string, shape: z.ZodType<Place>): Place {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    const what = 'query: cursor: it is none of ours';
    throw RustyError.of('VALIDATION_ERROR', { what }, { cause });
  }
}

interface PageOrder<Item> {
  /** What no two have alike, and orders them. */
  readonly placeOf: (item: Item) => string;
  readonly isNewestFirst?: boolean;
}

/** A page of a list that comes and goes: a cursor holds though the entry that it names is gone. */
export function pageOf<Item>(
  all: readonly Item[],
  { limit, offset, cursor }: { limit: number; offset: number; cursor?: string | undefined },
  { placeOf, isNewestFirst = false }: PageOrder<Item>,
): { readonly items: readonly Item[]; readonly total: number; readonly nextCursor?: string } {
  const after = cursor === undefined ? undefined : readCursor(cursor, z.tuple([z.string()]))[0];
  const sign = isNewestFirst ? -1 : 1;
  const order = (one: string, other: string) => sign * (one < other ? -1 : one > other ? 1 : 0);
  const behind = all
    .filter((item) => after === undefined || order(placeOf(item), after) > 0)
    .sort((one, other) => order(placeOf(one), placeOf(other)));
  const items = behind.slice(offset, offset + limit);
  const last = items.at(-1);
  const hasMore = offset + limit < behind.length;
  return {
    items,
    total: all.length,
    ...(hasMore && last !== undefined ? { nextCursor: writeCursor([placeOf(last)]) } : {}),
  };
}
