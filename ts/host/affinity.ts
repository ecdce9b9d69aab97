import { lastError, openLibc } from './libc.ts';

/** Of sched_setaffinity(2): a set of up to 1024 processors. */
const SET_BYTES = 128;

/** The processors that this thread may run on, from 0. */
export function getAffinity(): readonly number[] {
  const get = openLibc().func('int sched_getaffinity(int, size_t, _Out_ uint8_t *)');
  const set = new Uint8Array(SET_BYTES);
  if (get(0, SET_BYTES, set) < 0) throw lastError('sched_getaffinity');
  return Array.from({ length: SET_BYTES * 8 }, (_, cpu) => cpu).filter(
    (cpu) => ((set[cpu >> 3] ?? 0) & (1 << (cpu & 7))) !== 0,
  );
}

/** Keeps this thread, and threads that it starts later, on the processors. */
export function setAffinity(cpus: readonly number[]): void {
  const set = new Uint8Array(SET_BYTES);
  for (const cpu of cpus) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= SET_BYTES * 8) {
      throw new RangeError(`no processor ${cpu}`);
    }
    set[cpu >> 3] = (set[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  }
  const call = openLibc().func('int sched_setaffinity(int, size_t, uint8_t *)');
  if (call(0, SET_BYTES, set) !== 0) throw lastError('sched_setaffinity');
}
