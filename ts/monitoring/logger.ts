/** The levels, least first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFormat = 'json' | 'logfmt' | 'plain';

/** What stands beside the message; an error goes under `error`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What all code writes its log lines to. A line never blocks and never throws. */
export interface Logger {
  /** False where a line of the level would be dropped: ask before making costly fields. */
  isEnabled(level: LogLevel): boolean;
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  critical(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry the module and the fields. */
  child(module: string, fields?: LogFields): Logger;
}
