import type { IncomingHttpHeaders } from 'node:http';
import type { RelationName } from '../services/catalog/relation.ts';

/** The schema of names that say none. */
export const DEFAULT_SCHEMA = 'public';

const only = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' ? header : undefined;

/**
 * What a name in a path stands for. Where the schema is given beside it the name is taken as it is,
 * dots and all; else what stands before its first dot is the schema.
 */
export function relationOf(
  name: string,
  headers: IncomingHttpHeaders,
  profile: 'accept-profile' | 'content-profile',
  schema?: string,
): RelationName {
  const given = schema ?? only(headers[profile]);
  if (given !== undefined) return { schema: given, name };
  const dot = name.indexOf('.');
  if (dot <= 0 || dot === name.length - 1) return { schema: DEFAULT_SCHEMA, name };
  return { schema: name.slice(0, dot), name: name.slice(dot + 1) };
}
