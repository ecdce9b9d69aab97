import type { LogFormat } from './logger.ts';

type Line = Readonly<Record<string, unknown>>;

function word(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text === '' || /[\s"=\\]/.test(text) ? JSON.stringify(text) : text;
}

function logfmt(line: Line): string {
  return Object.entries(line)
    .map(([key, value]) => `${key}=${word(value)}`)
    .join(' ');
}

/** The stack of a logged error stands below the line, indented, where people read. */
function plain({ level, timestamp, module, message, error, ...rest }: Line): string {
  const head = [timestamp, String(level).toUpperCase().padEnd(8), `${module}:`, message];
  const fields = logfmt(rest);
  const stack = (error as { stack?: unknown } | undefined)?.stack;
  const below =
    error === undefined
      ? ''
      : `\n${typeof stack === 'string' ? stack : word(error)}`.replaceAll('\n', '\n    ');
  return `${head.join(' ')}${fields === '' ? '' : ` ${fields}`}${below}`;
}

/** One line of pino's JSON (with its line feed) in the format that was asked for. */
export function formatLine(json: string, format: LogFormat): string {
  if (format === 'json') return json;
  const line = JSON.parse(json) as Line;
  return `${format === 'plain' ? plain(line) : logfmt(line)}\n`;
}
