// Spans of requests, as the server makes them; who exports them stands behind these interfaces, and is
// loaded only where tracing is on. Where it is off there is no `TraceSpan`, and nothing is done.

/** A stretch of a request's time. */
export interface TraceSpan {
  /** What another server, or the client, is told of it (W3C Trace Context). */
  readonly traceparent: string;
  /** A part of it, which begins now. */
  child(name: string): TraceSpan;
  set(attribute: string, value: string | number): void;
  /** It ends now, well or with an error; once. */
  end(error?: unknown): void;
}

/** Makes spans. */
export interface Tracing {
  /**
   * The span of a request that came with these headers; undefined where it is not traced: its
   * `traceparent` says so, or, without one, chance.
   */
  begin(name: string, headers: TraceHeaders): TraceSpan | undefined;
  /** Of a hundred requests without a `traceparent` so many are traced. Live. */
  samplePercent: number;
  /** Exports what there is, and ends. */
  close(): Promise<void>;
}

/** What of a request's head concerns traces. */
export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | string[] | undefined;
}

/** What a `traceparent` says. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Version 00, and later ones as far as they are like it. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Reads a `traceparent`; undefined where it is none (W3C Trace Context, 3.2). */
export function parseTraceparent(text: string | undefined): TraceParent | undefined {
  const found = text === undefined ? null : TRACEPARENT.exec(text);
  if (found === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = found;
  const isUnknown = version === 'ff' || (version === '00' && more !== undefined);
  if (isUnknown || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}
