// `\h`: the shape of the statements that the server runs, in few words each; PostgreSQL's manual
// has the whole.

const STATEMENTS: readonly (readonly [string, string, string])[] = [
  [
    'ALTER TABLE',
    'change the definition of a table',
    'ALTER TABLE [ IF EXISTS ] name action [, ...]\n\nactions: ADD [ COLUMN ] name type [ constraint ], DROP [ COLUMN ] name, ALTER [ COLUMN ] name ...,\n         ADD table_constraint, DROP CONSTRAINT name, RENAME [ COLUMN ] name TO new_name, RENAME TO new_name',
  ],
  [
    'ANALYZE',
    'collect statistics about a table',
    'ANALYZE [ table_name [ ( column_name [, ...] ) ] ]',
  ],
  [
    'BEGIN',
    'start a transaction',
    'BEGIN [ WORK | TRANSACTION ] [ ISOLATION LEVEL level ] [ READ WRITE | READ ONLY ]',
  ],
  ['COMMIT', 'commit the transaction', 'COMMIT [ WORK | TRANSACTION ]'],
  [
    'COPY',
    'copy data between a file and a table',
    "COPY table_name [ ( column_name [, ...] ) ] FROM { 'filename' | STDIN } [ WITH ( option [, ...] ) ]\nCOPY { table_name [ ( column_name [, ...] ) ] | ( query ) } TO { 'filename' | STDOUT } [ WITH ( option [, ...] ) ]\n\noptions: FORMAT text|csv|binary, DELIMITER 'c', NULL 'text', HEADER, QUOTE 'c', ESCAPE 'c'",
  ],
  [
    'CREATE INDEX',
    'define an index',
    'CREATE [ UNIQUE ] INDEX [ IF NOT EXISTS ] [ name ] ON table_name\n    ( { column_name | ( expression ) } [ ASC | DESC ] [ NULLS { FIRST | LAST } ] [, ...] )\n    [ INCLUDE ( column_name [, ...] ) ] [ WHERE predicate ]',
  ],
  ['CREATE SCHEMA', 'define a schema', 'CREATE SCHEMA [ IF NOT EXISTS ] name'],
  [
    'CREATE SEQUENCE',
    'define a sequence',
    'CREATE SEQUENCE [ IF NOT EXISTS ] name [ AS type ] [ INCREMENT BY n ] [ MINVALUE n ] [ MAXVALUE n ]\n    [ START WITH n ] [ CACHE n ] [ CYCLE ]',
  ],
  [
    'CREATE TABLE',
    'define a table',
    'CREATE TABLE [ IF NOT EXISTS ] name (\n    column_name type [ NOT NULL ] [ DEFAULT expression ] [ PRIMARY KEY | UNIQUE ]\n        [ REFERENCES table_name [ ( column_name ) ] ] [ CHECK ( condition ) ] [, ...]\n    [, table_constraint [, ...] ]\n)',
  ],
  [
    'CREATE TABLE AS',
    'define a table from the result of a query',
    'CREATE TABLE [ IF NOT EXISTS ] name AS query',
  ],
  [
    'CREATE VIEW',
    'define a view',
    'CREATE [ OR REPLACE ] VIEW name [ ( column_name [, ...] ) ] AS query',
  ],
  [
    'DELETE',
    'delete rows of a table',
    'DELETE FROM table_name [ AS alias ] [ USING from_item [, ...] ] [ WHERE condition ]\n    [ RETURNING expression [, ...] ]',
  ],
  [
    'DROP',
    'remove an object',
    'DROP { TABLE | VIEW | INDEX | SEQUENCE | SCHEMA } [ IF EXISTS ] name [, ...] [ CASCADE | RESTRICT ]',
  ],
  [
    'EXPLAIN',
    'show the plan of a statement',
    'EXPLAIN [ ( ANALYZE | FORMAT { TEXT | JSON } | ... ) ] statement',
  ],
  [
    'INSERT',
    'create rows in a table',
    'INSERT INTO table_name [ ( column_name [, ...] ) ] { VALUES ( expression [, ...] ) [, ...] | query }\n    [ ON CONFLICT [ ( column_name [, ...] ) ] { DO NOTHING | DO UPDATE SET column_name = expression [, ...] } ]\n    [ RETURNING expression [, ...] ]',
  ],
  ['ROLLBACK', 'undo the transaction', 'ROLLBACK [ WORK | TRANSACTION ] [ TO [ SAVEPOINT ] name ]'],
  ['SAVEPOINT', 'mark a point within the transaction', 'SAVEPOINT name'],
  [
    'SELECT',
    'read rows of tables and views',
    '[ WITH name AS ( query ) [, ...] ]\nSELECT [ DISTINCT [ ON ( expression [, ...] ) ] ] expression [ AS name ] [, ...]\n    [ FROM from_item [, ...] ] [ WHERE condition ] [ GROUP BY ... ] [ HAVING condition ]\n    [ { UNION | INTERSECT | EXCEPT } [ ALL ] query ]\n    [ ORDER BY expression [ ASC | DESC ] [, ...] ] [ LIMIT n ] [ OFFSET n ]',
  ],
  [
    'SET',
    'change a setting of the session',
    'SET [ SESSION | LOCAL ] name { TO | = } { value | DEFAULT }',
  ],
  ['SHOW', 'show a setting', 'SHOW { name | ALL }'],
  ['TRUNCATE', 'empty tables', 'TRUNCATE [ TABLE ] name [, ...] [ RESTART IDENTITY ] [ CASCADE ]'],
  [
    'UPDATE',
    'change rows of a table',
    'UPDATE table_name [ AS alias ] SET column_name = expression [, ...]\n    [ FROM from_item [, ...] ] [ WHERE condition ] [ RETURNING expression [, ...] ]',
  ],
  ['VACUUM', 'reclaim space of old row versions', 'VACUUM [ ( ANALYZE ) ] [ table_name ]'],
];

/** Help on the statements whose name starts so; the list of all names for an empty text. */
export function statementHelp(wanted: string): string {
  const name = wanted.replace(/;\s*$/, '').trim().toUpperCase();
  if (name === '') {
    const names = STATEMENTS.map(([known]) => `  ${known}\n`).join('');
    return `Available help:\n${names}`;
  }
  const found = STATEMENTS.filter(([known]) => name === '*' || known.startsWith(name));
  if (found.length === 0) {
    return `No help available for "${wanted}".\nTry \\h with no arguments to see available help.\n`;
  }
  return found
    .map(
      ([known, what, syntax]) =>
        `Command:     ${known}\nDescription: ${what}\nSyntax:\n${syntax}\n\n`,
    )
    .join('');
}
