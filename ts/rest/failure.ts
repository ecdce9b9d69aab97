import type { AuditEvent } from '../audit/index.ts';
import { securityEvent } from '../audit/security-event.ts';
import { RustyError } from '../errors/index.ts';
import type { Logger } from '../monitoring/index.ts';
import type { Metrics } from '../monitoring/metrics.ts';
import type { AnswerTarget } from './answer-target.ts';
import { errorBody, toRustyError } from './error-body.ts';

/**
 * Answers what was thrown while a request was under way. `headers` are those that the response does
 * not have yet, names and values in turn.
 */
export type Fail = (
  thrown: unknown,
  request: FailedRequest,
  response: AnswerTarget,
  headers?: readonly string[],
) => void;

/** The audit log. */
export type TakeEvent = (event: AuditEvent) => void;

export interface FailedRequest {
  readonly requestId: string;
  /** For the log. */
  readonly path: string;
  readonly method?: string;
  /** `address:port`. */
  readonly clientAddress?: string;
}

/** What body-parser says, as ours. */
function ofParser(error: {
  readonly type?: string;
  readonly code?: string;
  readonly message: string;
  readonly limit?: number;
}) {
  // Of zlib: bytes that are not compressed as `Content-Encoding` says.
  if (/^(?:Z_|ERR__|ZSTD_)/.test(error.code ?? '')) {
    return RustyError.of('VALIDATION_ERROR', { what: `the body cannot be read: ${error.message}` });
  }
  switch (error.type) {
    case 'entity.too.large':
      return bodyTooLarge(error.limit);
    case 'entity.parse.failed':
      return noJson(error);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return RustyError.of('UNSUPPORTED_MEDIA_TYPE', {
        what: error.message,
        accepted: 'UTF-8, plain, gzip, deflate or br',
      });
    case 'request.aborted':
      return RustyError.of('CANCELLED', { what: 'the request, by its client' });
    default:
      return undefined;
  }
}

/** A body over its limit. */
export function bodyTooLarge(limitBytes: number | undefined): RustyError {
  return RustyError.of('PAYLOAD_TOO_LARGE', { what: 'the body', limit: `${limitBytes} bytes` });
}

/** A body that should have been JSON. */
export function noJson({ message }: { readonly message: string }): RustyError {
  return RustyError.of('VALIDATION_ERROR', { what: `the body is no JSON: ${message}` });
}

/** Refusals that concern security go into the audit log. */
function recordRefusal(error: RustyError, request: FailedRequest, record: TakeEvent): void {
  const { requestId, path: resource, clientAddress: clientIp } = request;
  const event = securityEvent(error, {
    requestId,
    resource,
    ...(clientIp === undefined ? {} : { clientIp }),
  });
  if (event !== undefined) record(event);
}

/** The one answer to failures, whichever way a request went. */
export function failWith(
  log: Logger,
  metrics: Pick<Metrics, 'countError'>,
  record: TakeEvent,
): Fail {
  return (thrown, request, response, headers = []) => {
    const { requestId, path } = request;
    const error =
      thrown instanceof URIError
        ? RustyError.of('VALIDATION_ERROR', { what: 'the path is no UTF-8' })
        : (ofParser(thrown as Error) ?? toRustyError(thrown));
    metrics.countError(error.code);
    recordRefusal(error, request, record);
    if (error.code === 'INTERNAL_ERROR') {
      log.error('a request failed by a fault of ours', { requestId, path, thrown });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const body = Buffer.from(JSON.stringify(errorBody(error, requestId)));
    const all = [...headers, 'Content-Type', 'application/json; charset=utf-8'];
    all.push('Content-Length', String(body.length));
    if (error.retryAfterMs !== undefined) {
      all.push('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)));
    }
    response.writeHead(error.httpStatus, all);
    response.end(body);
  };
}
