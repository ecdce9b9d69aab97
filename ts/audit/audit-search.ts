import type { AuditLog } from './audit-log.ts';
import type { AuditRecord } from './audit-record.ts';

/** Records that one search looks at; it answers what it found, and where to go on. */
const LOOKED_AT_MAX = 200_000;

/** What records are looked for; what is undefined matches all. */
export interface AuditFilter {
  /** Any of these. */
  readonly types?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly action?: string | undefined;
  readonly result?: string | undefined;
  /** The first and the last moment: ISO 8601 in UTC. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface AuditPage {
  /** The newest first. */
  readonly items: readonly AuditRecord[];
  /** Go on with records before this number; undefined where there are no more. */
  readonly before: number | undefined;
}

function matches(record: AuditRecord, { types, user, action, result, to }: AuditFilter): boolean {
  return (
    (types === undefined || types.includes(record.type)) &&
    (user === undefined || record.user === user) &&
    (action === undefined || record.action === action) &&
    (result === undefined || record.result === result) &&
    (to === undefined || record.timestamp <= to)
  );
}

/** The records of a filter, the newest first, from those before `before` on. */
export async function searchAudit(
  log: AuditLog,
  filter: AuditFilter,
  { limit, before }: { readonly limit: number; readonly before: number | undefined },
): Promise<AuditPage> {
  const items: AuditRecord[] = [];
  let lookedAt = 0;
  let last: number | undefined;
  for await (const line of log.newestFirst()) {
    lookedAt += 1;
    if (items.length === limit || lookedAt > LOOKED_AT_MAX) return { items, before: last };
    const record = readRecord(line);
    if (record === undefined || (before !== undefined && record.seq >= before)) continue;
    if (filter.from !== undefined && record.timestamp < filter.from) break;
    last = record.seq;
    if (matches(record, filter)) items.push(record);
  }
  return { items, before: undefined };
}

/** A line that is torn or was changed is `audit verify`'s to tell of. */
function readRecord(line: string): AuditRecord | undefined {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return undefined;
  }
}
