import { type Level, type Logger as Pino, pino } from 'pino';
import { formatLine } from './format-line.ts';
import {
  LOG_LEVELS,
  type LogFields,
  type LogFormat,
  type Logger,
  type LogLevel,
} from './logger.ts';
import { REDACTED, redactText, SECRET_PATHS } from './redact.ts';

/** Bytes that may wait for a slow reader of standard error; lines beyond are dropped, and counted. */
const WAITING_MAX_BYTES = 4 * 1024 * 1024;

const STANDARD_ERROR = 2;

/** Takes finished lines. */
export interface LineSink {
  write(line: string): void;
}

/** Standard error, written aside; `dropped()` counts lines that a slow reader cost. */
export function standardErrorSink(): LineSink & { dropped(): number; flush(): void } {
  const stream = pino.destination({
    fd: STANDARD_ERROR,
    sync: false,
    maxLength: WAITING_MAX_BYTES,
  });
  let drops = 0;
  stream.on('drop', () => {
    drops += 1;
  });
  // A closed standard error must not end the server.
  stream.on('error', () => {});
  return {
    write: (line) => void stream.write(line),
    dropped: () => drops,
    flush() {
      try {
        stream.flushSync();
      } catch {
        // Nobody reads any more.
      }
    },
  };
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly sink: LineSink;
  /** Takes each line as JSON too, to be asked for. */
  readonly recent?: { add(json: string): void };
}

const LEVEL_VALUES = Object.fromEntries(
  LOG_LEVELS.map((level, index) => [level, (index + 1) * 10]),
) as Record<LogLevel, number>;

class PinoLogger implements Logger {
  readonly #pino: Pino<LogLevel>;

  constructor(inner: Pino<LogLevel>) {
    this.#pino = inner;
  }

  isEnabled(level: LogLevel): boolean {
    return this.#pino.isLevelEnabled(level);
  }

  trace(message: string, fields: LogFields = {}): void {
    this.#pino.trace(fields, message);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#pino.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(fields, message);
  }

  critical(message: string, fields: LogFields = {}): void {
    this.#pino.critical(fields, message);
  }

  child(module: string, fields: LogFields = {}): Logger {
    return new PinoLogger(this.#pino.child({ module, ...fields }));
  }
}

/** The server's logger: pino's lines, redacted, in the format of `monitoring.log_format`. */
export function createLogger({ level, format, sink, recent }: LogOptions): Logger {
  const inner = pino<LogLevel>(
    {
      level: level as Level,
      customLevels: LEVEL_VALUES,
      useOnlyCustomLevels: true,
      base: null,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRET_PATHS], censor: REDACTED },
      serializers: { error: pino.stdSerializers.err },
    },
    {
      write(line: string) {
        const json = redactText(line);
        recent?.add(json);
        sink.write(formatLine(json, format));
      },
    },
  );
  return new PinoLogger(inner.child({ module: 'server' }) as Pino<LogLevel>);
}
