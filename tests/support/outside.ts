import { spawnSync } from 'node:child_process';
import type { ExecutionContext } from 'ava';

/**
 * True where an outside program is there. Where it is absent the test counts as skipped in the last
 * line of `npm test`, with the package that brings it: return at once.
 *
 *     if (!hasOutside(t, 'psql', 'postgresql-client')) return;
 */
export function hasOutside(t: ExecutionContext, program: string, debianPackage: string): boolean {
  if (spawnSync(program, ['--version']).error === undefined) return true;
  t.log(`skipped: ${program}: ${t.title} needs it (Debian: ${debianPackage})`);
  t.pass();
  return false;
}
