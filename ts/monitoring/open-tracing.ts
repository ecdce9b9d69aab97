import type { OpenTelemetryOptions } from './open-telemetry.ts';
import type { Tracing } from './tracing.ts';

/** What of the configuration says whether there is tracing. */
export interface TracingConfig {
  readonly enableTracing: boolean;
  readonly otlpEndpoint: string | undefined;
  readonly traceSamplePercent: number;
}

/** Tracing as it is configured; undefined, and nothing loaded, where it is off. */
export async function openTracing(
  { enableTracing, otlpEndpoint: endpoint, traceSamplePercent: samplePercent }: TracingConfig,
  options: Omit<OpenTelemetryOptions, 'endpoint' | 'samplePercent'>,
): Promise<Tracing | undefined> {
  if (!enableTracing || endpoint === undefined) return undefined;
  const { OpenTelemetry } = await import('./open-telemetry.ts');
  return new OpenTelemetry({ ...options, endpoint, samplePercent });
}
