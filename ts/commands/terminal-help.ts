import type { TerminalCommand } from './catalogue.ts';

const CONNECTION = `Connection:
  -h, --host HOST        a name, an address, the folder of a Unix socket (default 127.0.0.1; PGHOST)
  -p, --port PORT        (default 5432; PGPORT)
  -U, --user USER        (default rustydb; PGUSER)
  -d, --dbname DATABASE  a database, or a URL (default rustydb; PGDATABASE)
      --url URL          postgresql://user:password@host:port/database
The password comes from the URL, from PGPASSWORD, or is asked for.`;

/** What `--help` prints of the commands that talk to a server. */
export const TERMINAL_HELP: Readonly<Record<TerminalCommand, () => string>> = {
  sql: () => `Usage: rustydb sql [OPTIONS] [DATABASE [USER]]

A terminal for a running server. Without -c or -f it reads statements from standard input; on a
screen with line editing, history and completion. Backslash commands are psql's: \\? lists them.

Examples:
  rustydb sql                                        type statements, \\q to leave
  rustydb sql -c 'SELECT count(*) FROM flights'      one statement
  rustydb sql -c '\\d flights'                        what a table is made of
  rustydb sql --csv -c 'TABLE flights' > flights.csv its rows as CSV
  rustydb sql -v day=2026-01-31 -f report.sql        a script, with :'day' in it
  rustydb sql -1 -v ON_ERROR_STOP=1 -f schema.sql    all of a script, or nothing

What to run:
  -c, --command TEXT     statements, or one backslash command; may be repeated, and mixed with -f
  -f, --file FILE        a script; - is standard input
  -1, --single-transaction  one transaction around all of -c and -f
  -v, --set NAME=VALUE   set a variable; ON_ERROR_STOP=1 ends a script at its first error
  -l, --list             list the databases

How results are written:
  -A, --no-align         values between separators, unaligned
      --csv, --json      as CSV; as an array of objects
  -t, --tuples-only      rows alone
  -x, --expanded         one line a column
  -F, --field-separator TEXT, -R, --record-separator TEXT, -z, -0   of the unaligned format
  -P, --pset NAME=VALUE  any option of \\pset
  -o, --output FILE      results to a file, or to |COMMAND
  -q, --quiet            no tags of commands
  -a, -e, -b, -E         echo all input; statements; failed ones; those of backslash commands
  -S, --single-line      the end of a line ends a statement

${CONNECTION}

Exit codes: 0; 1 a statement of -c failed, or a file is not there; 2 wrong usage, or no connection;
3 a script failed and ON_ERROR_STOP is set.
`,
  import: () => `Usage: rustydb import FILE... [OPTIONS]

Loads files into a table of a running server, all or nothing: CSV, TSV and NDJSON, plain or
compressed (.gz, .zst), - for standard input. Without --table the table has the name of the file.
A table that is not there is made: names and types of its columns come from the first rows.

Examples:
  rustydb import flights.csv                         into the table flights, made if need be
  rustydb import jan.csv.gz feb.csv.zst --table sales
  curl -s https://example.org/data.csv | rustydb import - --table data --create
  rustydb import log.ndjson --on-error skip --report rejected.ndjson

  -T, --table NAME       the table, with its schema if need be
      --create           make the table; an error if it is there
      --no-create        never make it
      --format csv|tsv|ndjson   (default by the file's name)
      --delimiter C      between values (default , of CSV, tab of TSV)
      --quote C          around values (default ")
      --null TEXT        what stands for NULL (default an empty value)
      --header, --no-header     the first line has the names (default: found out)
      --columns A,B,C    the table's columns that the file's values go to
      --on-error stop|skip      a bad line ends the import (default), or is left out
      --reject-limit N   with skip: end where more than N lines are bad
      --report FILE      with skip: each line that was left out, as NDJSON
      --progress, --no-progress (default: on a screen)

${CONNECTION}

Ctrl-C takes everything back. Exit codes: 0; 1 failed, nothing was loaded; 2 wrong usage, or no
connection.
`,
  export: () => `Usage: rustydb export TABLE [FILE] [OPTIONS]
       rustydb export --query SQL [FILE] [OPTIONS]

Writes a table, or the result of a query, to a file or to standard output (-, the default). The file
appears when it is whole; until then its name ends in .part. Names that end in .gz or .zst compress.

Examples:
  rustydb export flights flights.csv
  rustydb export flights flights.ndjson.zst
  rustydb export --query 'SELECT * FROM flights WHERE delay > 60' late.tsv
  rustydb export flights - --format ndjson | jq .origin

  -Q, --query SQL        a query instead of a table
      --format csv|tsv|ndjson   (default by the file's name, else csv)
      --delimiter C      between values (default , of CSV, tab of TSV)
      --null TEXT        what stands for NULL (default an empty value)
      --no-header        without the line of names
      --progress, --no-progress (default: on a screen)

${CONNECTION}

Ctrl-C leaves no file. Exit codes: 0; 1 failed; 2 wrong usage, or no connection.
`,
};
