// Tracing by OpenTelemetry, exported as OTLP over HTTP. Loaded only where tracing is on.
import { randomInt } from 'node:crypto';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Clock } from '../util/clock.ts';
import type { Logger } from './logger.ts';
import type { SpanCounts } from './span-counts.ts';
import { SpanQueue } from './span-queue.ts';
import { parseTraceparent, type TraceHeaders, type TraceSpan, type Tracing } from './tracing.ts';

const EXPORT_TIMEOUT_MS = 10_000;

export interface OpenTelemetryOptions {
  /** The base URL of an OTLP/HTTP receiver. */
  readonly endpoint: string;
  readonly samplePercent: number;
  readonly version: string;
  readonly counts: SpanCounts;
  readonly clock: Clock;
  readonly log: Logger;
}

class OpenSpan implements TraceSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;

  constructor(tracer: Tracer, span: Span, parent: Context) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  child(name: string): TraceSpan {
    const span = this.#tracer.startSpan(name, {}, this.#context);
    return new OpenSpan(this.#tracer, span, this.#context);
  }

  set(attribute: string, value: string | number): void {
    this.#span.setAttribute(attribute, value);
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      const { code } = error as { code?: unknown };
      const message = typeof code === 'string' ? code : 'failed';
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.#span.end();
  }
}

export class OpenTelemetry implements Tracing {
  samplePercent: number;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor({ endpoint, samplePercent, version, counts, clock, log }: OpenTelemetryOptions) {
    this.samplePercent = samplePercent;
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'rustydb',
        'service.version': version,
      }),
      // What is not to be traced never comes here.
      sampler: new AlwaysOnSampler(),
      spanProcessors: [new SpanQueue({ exporter, counts, clock, log })],
    });
    this.#tracer = this.#provider.getTracer('rustydb', version);
  }

  begin(name: string, { traceparent, tracestate }: TraceHeaders): TraceSpan | undefined {
    const parent = parseTraceparent(traceparent);
    const isTraced = parent?.isSampled ?? randomInt(100) < this.samplePercent;
    if (!isTraced) return undefined;
    let context = ROOT_CONTEXT;
    if (parent !== undefined) {
      const { traceId, spanId } = parent;
      const traceState = new TraceState([tracestate ?? []].flat().join(','));
      const flags = { traceFlags: TraceFlags.SAMPLED, isRemote: true, traceState };
      context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, ...flags });
    }
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER }, context);
    return new OpenSpan(this.#tracer, span, context);
  }

  close(): Promise<void> {
    return this.#provider.shutdown();
  }
}
