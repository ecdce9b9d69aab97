import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;
const PATIENCE_MS = 60_000;

/** Waits until `isSo`; throws, with what was expected, when that takes a minute. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(PAUSE_MS);
  }
}
