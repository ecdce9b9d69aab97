// The span of a request of HTTP, named as OpenTelemetry's conventions have it.
import type { IncomingHttpHeaders } from 'node:http';
import type { TraceSpan, Tracing } from '../monitoring/tracing.ts';

interface About {
  readonly method: string;
  /** The pattern of the path, never what a client sent. */
  readonly route: string;
  readonly requestId: string;
}

/** Begins the span of a request; undefined where it is not traced. */
export function beginRequestSpan(
  tracing: Tracing | undefined,
  { traceparent, tracestate }: IncomingHttpHeaders,
  { method, route, requestId }: About,
): TraceSpan | undefined {
  const parent = typeof traceparent === 'string' ? traceparent : undefined;
  const headers = { traceparent: parent, tracestate };
  const span = tracing?.begin(`${method} ${route}`, headers);
  span?.set('http.request.method', method);
  span?.set('http.route', route);
  span?.set('rustydb.request_id', requestId);
  return span;
}

/** A request was answered; what failed by our fault is an error of the span. */
export function endRequestSpan(span: TraceSpan, status: number): void {
  span.set('http.response.status_code', status);
  span.end(status >= 500 ? { code: String(status) } : undefined);
}
