export { type LogLine, LogRing } from './log-ring.ts';
export {
  LOG_LEVELS,
  type LogFields,
  type LogFormat,
  type Logger,
  type LogLevel,
} from './logger.ts';
export { createLogger, type LineSink, type LogOptions, standardErrorSink } from './pino-logger.ts';
export { redactText } from './redact.ts';
