import type { Socket } from 'node:net';
import type { RequestContext } from '../gateway/index.ts';
import type { Clock } from '../util/clock.ts';
import type { AnswerTarget } from './answer-target.ts';

/** Tells the limiter what a request used and how long it took, where its rates depend on that. */
export function settleAtEnd(
  { limited }: RequestContext,
  response: AnswerTarget,
  socket: Socket | null,
  clock: Clock,
): void {
  if (limited?.settles !== true) return;
  const startMs = clock.monotonicMs();
  const sent = socket?.bytesWritten ?? 0;
  const settle = (): void => {
    response.off('finish', settle);
    response.off('close', settle);
    const bytes = (socket?.bytesWritten ?? 0) - sent;
    limited.settle({ bytes }, clock.monotonicMs() - startMs);
  };
  response.on('finish', settle);
  response.on('close', settle);
}
