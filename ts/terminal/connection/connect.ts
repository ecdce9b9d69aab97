import pg from 'pg';
import { addressText, type ConnectionOptions } from './connection-options.ts';
import { Session } from './session.ts';

/** How long a server may take to answer at all. */
const CONNECT_MS = 30_000;

/** The connection could not be had; the message says what to do. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
}

/** Asks the user for the password; undefined where there is nobody to ask. */
export type AskPassword = () => Promise<string | undefined>;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  ETIMEDOUT: 'Connection timed out',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ECONNRESET: 'server closed the connection unexpectedly',
};

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: '\tIs the server running? Start it with: npm start\n',
  ENOENT: '\tIs the server running, with --network.unix_socket? Start it with: npm start\n',
};

interface SystemError extends Error {
  readonly code?: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly errors?: readonly SystemError[];
}

function explain(options: ConnectionOptions, error: SystemError): string {
  // A host of several addresses fails with all of their errors in one.
  const cause = error.errors?.[0] ?? error;
  const code = cause.code ?? '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `could not translate host name "${options.host}" to address: Name or service not known\n`;
  }
  const said =
    cause.severity === undefined ? cause.message : `${cause.severity}:  ${cause.message}`;
  const further = [
    ...(cause.severity !== undefined && cause.detail ? [`DETAIL:  ${cause.detail}\n`] : []),
    ...(cause.severity !== undefined && cause.hint ? [`HINT:  ${cause.hint}\n`] : []),
  ].join('');
  const reason = REASONS[code] ?? said;
  return `connection to ${addressText(options)} failed: ${reason}\n${further}${HINTS[code] ?? ''}`;
}

/** Connects; throws `ConnectFailure`. */
export async function connect(options: ConnectionOptions, ask: AskPassword): Promise<Session> {
  const { encryption } = options;
  const client = new pg.Client({
    host: options.host,
    port: options.port,
    user: options.user,
    database: options.database,
    // A function in any case: without one pg would read the password file by itself.
    password: async () => {
      const password = options.password ?? (await ask());
      if (password === undefined) throw new Error('fe_sendauth: no password supplied');
      return password;
    },
    ssl: encryption === 'none' ? false : { rejectUnauthorized: encryption === 'verified' },
    application_name: options.applicationName,
    ...(options.options === undefined ? {} : { options: options.options }),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  // What the server says while it lets us in (its settings) comes before there is a session.
  const session = new Session(client, options);
  try {
    await client.connect();
  } catch (error) {
    throw new ConnectFailure(explain(options, error as SystemError), { cause: error });
  }
  return session;
}
