import koffi from 'koffi';
import { lastError, openLibc } from './libc.ts';

/** Of setrlimit(2): the limit on open files. */
const RLIMIT_NOFILE: Readonly<Record<string, number>> = { linux: 7, darwin: 8 };

interface Limit {
  cur: number | bigint;
  max: number | bigint;
}

export interface FileLimit {
  /** Files that the process may have open from now on. */
  readonly files: number;
  /** What it was before. */
  readonly before: number;
}

/** Raises the limit on open files to `wanted`, or as near as the hard limit allows. */
export function raiseFileLimit(wanted: number): FileLimit {
  const resource = RLIMIT_NOFILE[process.platform];
  if (resource === undefined) throw new Error(`not known on ${process.platform}`);
  const libc = openLibc();
  const type = koffi.struct({ cur: 'uint64_t', max: 'uint64_t' });
  const get = libc.func('getrlimit', 'int', ['int', koffi.out(koffi.pointer(type))]);
  const set = libc.func('setrlimit', 'int', ['int', koffi.pointer(type)]);

  const limit: Limit = { cur: 0, max: 0 };
  if (get(resource, limit) !== 0) throw lastError('getrlimit');
  const before = Number(limit.cur);
  const files = Math.min(wanted, Number(limit.max));
  if (files <= before) return { files: before, before };
  if (set(resource, { cur: files, max: limit.max }) !== 0) throw lastError('setrlimit');
  return { files, before };
}
