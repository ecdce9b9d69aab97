import { lastError, openLibc } from './libc.ts';

/** Of fcntl(2) on Linux: a new descriptor of the same file, closed where a program is started. */
const F_DUPFD_CLOEXEC = 1030;

let duplicate: ((descriptor: number, command: number, ...rest: unknown[]) => number) | undefined;

/** A further descriptor of an open file, on Linux: it stays open when the first is closed. */
export function duplicateDescriptor(descriptor: number): number {
  duplicate ??= openLibc().func('int fcntl(int, int, ...)');
  const copy = duplicate(descriptor, F_DUPFD_CLOEXEC, 'int', 0);
  if (copy < 0) throw lastError('fcntl');
  return copy;
}
