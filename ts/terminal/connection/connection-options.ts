import { isAbsolute } from 'node:path';
import { RustyError } from '../../errors/index.ts';

/** Where to connect to, and as whom. */
export interface ConnectionOptions {
  /** A name, an address, or the absolute path of the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Undefined asks for it where the server wants one. */
  readonly password: string | undefined;
  readonly encryption: Encryption;
  readonly applicationName: string;
  /** Settings of the session, as `PGOPTIONS` has them. */
  readonly options: string | undefined;
}

/** `required` encrypts and checks no certificate, `verified` checks it against the host's name. */
export type Encryption = 'none' | 'required' | 'verified';

/** What a command line may say of the connection. */
export interface ConnectionFlags {
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly user?: string | undefined;
  /** A database, or a URL in its place. */
  readonly database?: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

const URL_START = /^postgres(ql)?:\/\//;

function refuse(what: string): never {
  throw RustyError.of('CONFIGURATION_ERROR', { what });
}

function encryptionOf(mode: string | undefined): Encryption {
  switch (mode) {
    case undefined:
    case '':
    case 'disable':
    case 'allow':
    case 'prefer':
      return 'none';
    case 'require':
      return 'required';
    case 'verify-ca':
    case 'verify-full':
      return 'verified';
    default:
      return refuse(`invalid sslmode value: "${mode}"`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  return refuse(`invalid port number: "${text}"`);
}

interface FromUrl extends ConnectionFlags {
  readonly password?: string | undefined;
  readonly sslMode?: string | undefined;
}

/** `postgresql://user:password@host:port/database?host=/run&sslmode=require` */
function readUrl(text: string): FromUrl {
  if (!URL.canParse(text) || !URL_START.test(text)) {
    refuse('--url: expected postgresql://user:password@host:port/database');
  }
  const url = new URL(text);
  const said = (value: string): string | undefined => {
    if (value === '') return undefined;
    try {
      return decodeURIComponent(value);
    } catch {
      return refuse('--url: a percent sign without two hexadecimal digits');
    }
  };
  const parameter = (name: string) => url.searchParams.get(name) ?? undefined;
  return {
    host: parameter('host') ?? said(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: parameter('port') ?? said(url.port),
    user: parameter('user') ?? said(url.username),
    database: parameter('dbname') ?? said(url.pathname.slice(1)),
    password: parameter('password') ?? said(url.password),
    sslMode: parameter('sslmode'),
  };
}

/**
 * Where a command connects to: its flags, then the URL, then libpq's environment variables, then
 * `rustydb` at 127.0.0.1:5432. `CONFIGURATION_ERROR` for a URL or a port that is none.
 */
export function connectionOptions(
  flags: ConnectionFlags,
  variables: Variables,
  applicationName: string,
): ConnectionOptions {
  const isUrl = flags.database !== undefined && URL_START.test(flags.database);
  const urlText = flags.url ?? (isUrl ? flags.database : undefined);
  const url: FromUrl = urlText === undefined ? {} : readUrl(urlText);
  const database = isUrl ? undefined : flags.database;
  return {
    host: flags.host || url.host || variables.PGHOST || '127.0.0.1',
    port: portOf(flags.port ?? url.port ?? (variables.PGPORT || '5432')),
    user: flags.user || url.user || variables.PGUSER || 'rustydb',
    database: database || url.database || variables.PGDATABASE || 'rustydb',
    password: url.password ?? variables.PGPASSWORD,
    encryption: encryptionOf(url.sslMode ?? variables.PGSSLMODE),
    applicationName: variables.PGAPPNAME || applicationName,
    options: variables.PGOPTIONS || undefined,
  };
}

/** `server at "127.0.0.1", port 5432`, as libpq words it. */
export function addressText({ host, port }: ConnectionOptions): string {
  if (isAbsolute(host)) return `server on socket "${host}/.s.PGSQL.${port}"`;
  return `server at "${host}", port ${port}`;
}
