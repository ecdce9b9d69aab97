import { quoteIdentifier, quoteLiteral } from '../../util/quoting.ts';
import { ConnectFailure } from '../connection/connect.ts';
import { connectionOptions } from '../connection/connection-options.ts';
import type { Shell } from '../shell/shell.ts';
import { failed, type MetaCommand } from './meta-command.ts';

function connectionText(shell: Shell): string {
  const { database, user, host, port } = shell.session.options;
  const place = host.startsWith('/') ? `via socket in "${host}"` : `on host "${host}"`;
  return `connected to database "${database}" as user "${user}" ${place} at port "${port}".`;
}

/** `-` and what is left out stay as they are. */
function given(argument: string | undefined): string | undefined {
  return argument === undefined || argument === '-' || argument === '' ? undefined : argument;
}

async function reconnect(shell: Shell, args: readonly string[]): Promise<'done' | 'failed'> {
  const { options } = shell.session;
  const [database, user, host, port] = args.map(given);
  const isUrl = database !== undefined && /^postgres(ql)?:\/\//.test(database);
  const kept = isUrl ? {} : { user: options.user, host: options.host, port: String(options.port) };
  try {
    const wanted = connectionOptions(
      {
        ...kept,
        database: database ?? options.database,
        ...(user === undefined ? {} : { user }),
        ...(host === undefined ? {} : { host }),
        ...(port === undefined ? {} : { port }),
      },
      { ...shell.environment.variables, PGPASSWORD: options.password },
      options.applicationName,
    );
    await shell.reconnect(isUrl ? wanted : { ...wanted, encryption: options.encryption });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    failed(shell, text.trimEnd());
    if (error instanceof ConnectFailure) {
      shell.environment.stderr.write('Previous connection kept\n');
    }
    return 'failed';
  }
  const message = `You are now ${connectionText(shell)}`;
  const isSamePlace = host === undefined && port === undefined && !isUrl;
  const { database: db, user: name } = shell.session.options;
  const short = `You are now connected to database "${db}" as user "${name}".`;
  if (!shell.isQuiet) shell.say(isSamePlace ? short : message);
  return 'done';
}

export const CONNECTION_COMMANDS: readonly MetaCommand[] = [
  {
    names: ['c', 'connect'],
    usage: '[DATABASE|- [USER|- [HOST|- [PORT|-]]]]',
    what: 'connect to another database',
    group: 'Connection',
    run: ({ shell, args }) => reconnect(shell, args.all()),
  },
  {
    names: ['conninfo'],
    usage: '',
    what: 'show what the terminal is connected to',
    group: 'Connection',
    run({ shell }) {
      if (shell.session.state === 'lost')
        shell.say('You are currently not connected to a database.');
      else shell.say(`You are ${connectionText(shell)}`);
      return 'done';
    },
  },
  {
    names: ['encoding'],
    usage: '[ENCODING]',
    what: "show or set the client's encoding",
    group: 'Connection',
    async run({ shell, args }) {
      const encoding = args.next();
      if (encoding === undefined) {
        shell.say(shell.session.parameter('client_encoding') ?? 'UTF8');
        return 'done';
      }
      if (!/^utf-?8$/i.test(encoding)) {
        return failed(shell, `${encoding}: the terminal reads and writes UTF8 alone`);
      }
      const rows = await shell.query(`SET client_encoding TO ${quoteLiteral(encoding)}`);
      return rows === undefined ? 'failed' : 'done';
    },
  },
  {
    names: ['password'],
    usage: '[USER]',
    what: 'change the password of a user',
    group: 'Connection',
    async run({ shell, args }) {
      const user = args.next() ?? shell.session.options.user;
      if (!shell.source.isInteractive) return failed(shell, '\\password: needs a terminal');
      const { readHidden } = await import('../shell/read-hidden.ts');
      const ask = (what: string) => readHidden(shell.environment, what);
      const password = await ask(`Enter new password for user "${user}": `);
      if (password !== (await ask('Enter it again: '))) {
        return failed(shell, "Passwords didn't match.");
      }
      const text = `ALTER USER ${quoteIdentifier(user)} PASSWORD ${quoteLiteral(password ?? '')}`;
      return (await shell.query(text)) === undefined ? 'failed' : 'done';
    },
  },
];
