// Checks the chain of an audit log, segment by segment. It reads only, so that it may run beside the
// server that writes.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type AuditRecord, CHAIN_START, openRecord, sha256 } from './audit-record.ts';
import { bytesFrom } from './file-store.ts';
import { linesOf } from './lines.ts';
import { segmentsOf, type TornEnd } from './segments.ts';

/** What a check of an audit log found. */
export interface AuditReport {
  readonly segments: number;
  readonly records: number;
  /** The numbers of the first and the last record; older ones may have gone with their segments. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Of the last record: who keeps it elsewhere can tell later that nothing was cut off. */
  readonly head: string | undefined;
  /** Ends of segments that crashes cut off, each known to the segment that follows. */
  readonly torn: number;
  /** Bytes at the very end that are no record yet: of a write under way, or cut off by a crash. */
  readonly unfinishedBytes: number;
  /** The first broken record and why; empty where all is well. */
  readonly problems: readonly string[];
}

/** A chain as far as it has been followed. */
interface Walk {
  records: number;
  first: number | undefined;
  last: AuditRecord | undefined;
  /** Behind the last record of the segment before. */
  open: { readonly path: string; readonly offset: number } | undefined;
  torn: number;
}

/** Why a record does not belong behind the last one, or undefined. */
function linkFault({ last }: Walk, record: AuditRecord): string | undefined {
  if (last === undefined) {
    const isFirst = record.seq === 1;
    return isFirst && record.previous !== CHAIN_START.hash
      ? 'it is the first, and has a link'
      : undefined;
  }
  if (record.seq !== last.seq + 1) return `record ${last.seq} stands before it`;
  return record.previous === last.hash
    ? undefined
    : `its link is not the hash of record ${last.seq}`;
}

const tornOf = ({ metadata }: AuditRecord): Partial<TornEnd> | undefined =>
  metadata?.torn as Partial<TornEnd> | undefined;

/** Whether a segment's first record knows what stands unfinished before it. */
async function knowsTorn({ open }: Walk, record: AuditRecord): Promise<boolean> {
  if (open === undefined) return true;
  const torn = tornOf(record);
  const rest = await bytesFrom(open.path, open.offset);
  return (
    torn?.segment === basename(open.path) &&
    torn.offset === open.offset &&
    torn.sha256 === sha256(rest)
  );
}

/** Follows a segment; answers what is broken. */
async function walkSegment(walk: Walk, path: string): Promise<string | undefined> {
  const name = basename(path);
  let number = 0;
  for await (const { bytes, offset, isWhole } of linesOf(path)) {
    number += 1;
    const record = isWhole ? openRecord(bytes.toString()) : undefined;
    const where = `${name}, line ${number}`;
    if (record === undefined) {
      if (number === 1) return `${where}: it is no whole record, or was changed`;
      // Right at the end of a log, or where the next segment knows of it.
      walk.open = { path, offset };
      return undefined;
    }
    if (number === 1) {
      if (!(await knowsTorn(walk, record))) {
        const { open } = walk;
        return `${basename(open?.path ?? '')}, byte ${open?.offset}: the record behind ${walk.last?.seq} is no whole record, or was changed`;
      }
      if (walk.open !== undefined) walk.torn += 1;
      walk.open = undefined;
    }
    const fault = linkFault(walk, record);
    if (fault !== undefined) return `${where}: record ${record.seq}: ${fault}`;
    walk.first ??= record.seq;
    walk.records += 1;
    walk.last = record;
  }
  return undefined;
}

/** What stands unfinished at the end of a log has no whole record in it. */
async function endFault({ open, last }: Walk): Promise<string | undefined> {
  if (open === undefined) return undefined;
  const rest = (await bytesFrom(open.path, open.offset)).toString();
  const isChanged = rest.split('\n').some((line) => openRecord(line) !== undefined);
  const isWhole = rest.includes('\n');
  return isChanged || isWhole
    ? `${basename(open.path)}, byte ${open.offset}: the record behind ${last?.seq} was changed`
    : undefined;
}

/** Checks segments in the order in which they were written. */
export async function verifySegments(paths: readonly string[]): Promise<AuditReport> {
  const walk: Walk = { records: 0, first: undefined, last: undefined, open: undefined, torn: 0 };
  let problem: string | undefined;
  for (const path of paths) {
    problem = await walkSegment(walk, path);
    if (problem !== undefined) break;
  }
  problem ??= await endFault(walk);
  const { open, last } = walk;
  const unfinished = problem === undefined && open !== undefined;
  return {
    segments: paths.length,
    records: walk.records,
    first: walk.first,
    last: last?.seq,
    head: last?.hash,
    torn: walk.torn,
    unfinishedBytes: unfinished ? (await stat(open.path)).size - open.offset : 0,
    problems: problem === undefined ? [] : [problem],
  };
}

/** Checks the audit log of a folder. */
export async function verifyFolder(folder: string): Promise<AuditReport> {
  return verifySegments(await segmentsOf(folder));
}
