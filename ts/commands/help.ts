import type { Key } from '../config/key.ts';
import { allowedText, formatDuration, formatSize, parseValue } from '../config/parse-value.ts';
import { environmentNames, SCHEMA } from '../config/schema.ts';
import { type BUILT, COMMANDS, type CommandName, isBuilt } from './catalogue.ts';
import { TERMINAL_HELP } from './terminal-help.ts';

function keyDefault(key: Key): string {
  if (key.defaultText !== undefined) return key.defaultText.replaceAll('`', '');
  const value = key.default === undefined ? undefined : parseValue(key, key.default);
  if (value === undefined) return 'none';
  if (key.type.kind === 'size') return formatSize(Number(value));
  if (key.type.kind === 'duration') return formatDuration(Number(value));
  return String(value);
}

function keyHelp(key: Key): string {
  const variable = environmentNames(key)[0];
  return [
    `  --${key.name}  (default ${keyDefault(key)}; ${variable})`,
    `      ${key.what.replaceAll('`', '')}`,
    `      Allowed: ${allowedText(key)}.`,
    ...(key.waitsFor === undefined ? [] : [`      Without effect until there is ${key.waitsFor}.`]),
  ].join('\n');
}

/** The flags of the sections, every one explained. */
function flagsHelp(wanted: RegExp): string {
  return SCHEMA.filter(({ name }) => wanted.test(name))
    .map(keyHelp)
    .join('\n');
}

const SOURCES = `The configuration is read from a TOML file (--config FILE, else /etc/rustydb/config.toml, else
./rustydb.toml), then from environment variables, then from flags; the last one wins. Durations take
a unit (500ms, 30s, 5m), so do sizes (64KiB, 256MiB). A mistake stops with exit code 2 and one line
that names the key, the value, what is allowed and where it was set.`;

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.filter(({ name }) => isBuilt(name)).map(
    ({ name, what }) => `  ${name.padEnd(width)}  ${what}`,
  );
  const later = COMMANDS.filter(({ name }) => !isBuilt(name)).map(({ name }) => name);
  return `Usage: rustydb [COMMAND] [--KEY VALUE ...]

${lines.join('\n')}

Not in this version: ${later.join(', ')}.
\`rustydb COMMAND --help\` explains a command and its flags.

Examples:
  rustydb start                                       serve ./rustydb-data on 127.0.0.1:5432
  rustydb start --network.port 0 --data.path /tmp/d   take a free port; the ready line says which
  rustydb import flights.csv                          load a file into a table of its name
  rustydb sql -c 'SELECT count(*) FROM flights'       ask it a question
  psql -h 127.0.0.1 -U rustydb rustydb                the same server, by PostgreSQL's own client
`;
}

const TEXTS: Readonly<Record<(typeof BUILT)[number], () => string>> = {
  start: () => `Usage: rustydb start [--config FILE] [--KEY VALUE ...]

Runs the server. When every listener accepts, one line of JSON is printed on standard output:
  {"event":"ready","ports":{"sql":5432},"pid":1234,"version":"0.1.0","dataPath":"..."}
and nothing else ever; logs go to standard error. SIGTERM or SIGINT stops it: statements that run
get --network.shutdown_timeout to finish. A second signal stops it at once; what was acknowledged
is kept either way. Exit codes: 0 stopped, 1 failed, 2 wrong usage or configuration.

A new data directory has the database rustydb and the superuser rustydb without a password; the
server then listens on loopback only.

${SOURCES}

${flagsHelp(/./)}
`,
  verify: () => `Usage: rustydb verify [--data.path DIR]

Checks every page, every index against its table, and the log of a data directory that no server
has open. Prints one line of JSON on standard output: {"event":"verified","dataPath":"...",
"pages":0,"problems":[]}. Exit code 0 where nothing is wrong, else 1.

${flagsHelp(/^(data|monitoring)\./)}
`,
  audit: () => `Usage: rustydb audit verify [FILES] [--data.path DIR]

Checks the chain of the audit log: of the data directory, or of files of it in the order of their
names. A server may be running. Prints one line of JSON on standard output:
{"event":"audit_verified","segments":1,"records":7,"first":1,"last":7,"head":"...","problems":[]},
with the first broken record and why. Exit code 0 where nothing is wrong, else 1.

${flagsHelp(/^(data\.path|audit\.)/)}
`,
  config: () => `Usage: rustydb config check [--config FILE] [--KEY VALUE ...]

Reads and checks the configuration as \`start\` would, and prints each key that is not at its
default with its value and what set it. Exit code 0, or 2 with one line that says what is wrong.

${SOURCES}
`,
  ...TERMINAL_HELP,
  version: () => `Usage: rustydb version

Prints the version and exits.
`,
};

/** What `--help` prints: of a command, or of the program where none was named. */
export function helpText(command: CommandName | undefined): string {
  if (command === undefined) return overview();
  if (isBuilt(command)) return TEXTS[command]();
  return `rustydb ${command} is not in this version.\n\n${overview()}`;
}
