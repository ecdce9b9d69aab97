import type { Socket } from 'node:net';
import type { RequestContext } from '../gateway/index.ts';
import type { Clock } from '../util/clock.ts';

/** What to call when a request has ended whose rates depend on what it used; else undefined. */
export function settling(
  { limited }: RequestContext,
  socket: Socket | null,
  clock: Clock,
): (() => void) | undefined {
  if (limited?.settles !== true) return undefined;
  const startMs = clock.monotonicMs();
  const sent = socket?.bytesWritten ?? 0;
  return () => {
    const bytes = (socket?.bytesWritten ?? 0) - sent;
    limited.settle({ bytes }, clock.monotonicMs() - startMs);
  };
}
