/** Fields whose value is never logged, at the top of a line and one level below. */
const SECRET_FIELDS = [
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'apiKey',
  'privateKey',
  'verifier',
] as const;

export const REDACTED = '[redacted]';

/** The paths that pino censors. */
export const SECRET_PATHS: readonly string[] = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]);

/** `scheme://user:password@`, in JSON text as well. */
const URL_PASSWORD = /(\w:\/\/[^:@/\s"]*):[^@\s"]*@/g;
/** `PASSWORD 'secret'` of CREATE ROLE and ALTER ROLE. */
const SQL_PASSWORD = /(\bpassword\s+)'(?:[^'\\]|''|\\.)*'?/gi;

/** Takes passwords out of text that came from elsewhere: URLs and statements. */
export function redactText(text: string): string {
  return text.replace(URL_PASSWORD, `$1:${REDACTED}@`).replace(SQL_PASSWORD, `$1'${REDACTED}'`);
}
