import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder of the cache that `make` fills once: where it throws nothing is kept, and of two that
 * make it at once the first one stays.
 */
export function cachedFolder(
  name: string,
  content: string,
  make: (folder: string) => void,
): string {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rustydb/tests');
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const place = join(cache, `${name}-${hash}`);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, `.${name}-`));
  try {
    make(work);
    if (!existsSync(place)) renameSync(work, place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return place;
}
