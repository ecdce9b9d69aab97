import { RustyError } from '../errors/index.ts';

/** The one shape in which every failure is answered. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly sqlstate?: string;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly hint?: string;
    readonly position?: number;
    readonly requestId: string;
    readonly retryAfterMs?: number;
  };
}

/**
 * Whatever was thrown, as ours: what a client that went away left undone is CANCELLED, anything else
 * INTERNAL_ERROR, and its text stays in the log.
 */
export function toRustyError(thrown: unknown): RustyError {
  if (thrown instanceof RustyError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') {
    return RustyError.of('CANCELLED', { what: 'the request, by its client' }, { cause: thrown });
  }
  return RustyError.of('INTERNAL_ERROR', {}, { cause: thrown });
}

export function errorBody(error: RustyError, requestId: string): ErrorBody {
  const { code, message, sqlstate, details, hint, position, retryAfterMs } = error;
  return {
    error: {
      code,
      message,
      sqlstate,
      ...(details === undefined ? {} : { details }),
      ...(hint === undefined ? {} : { hint }),
      ...(position === undefined ? {} : { position }),
      requestId,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  };
}
