import test from 'ava';
import { StatementScanner } from '../../../ts/terminal/shell/statement-scanner.ts';

const VARIABLES: Readonly<Record<string, string>> = { a: '1', b: ':a', c: ':c', q: "x'y" };

/** The statements of a text, and what is open at its end. */
function scan(text: string): { statements: string[]; open: string; rest: string } {
  const scanner = new StatementScanner((name, quoting) => {
    const value = VARIABLES[name];
    if (value === undefined || quoting === 'none') return value;
    return quoting === 'literal' ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
  });
  const statements: string[] = [];
  for (const line of text.split('\n')) {
    scanner.feed(line);
    for (let stop = scanner.scan(); stop !== 'end'; stop = scanner.scan()) {
      if (stop === 'backslash') {
        return { statements, open: scanner.openPart, rest: scanner.rest };
      }
      statements.push(scanner.text);
      scanner.reset();
    }
  }
  return { statements, open: scanner.openPart, rest: scanner.text };
}

const statementsOf = (text: string): string[] => scan(text).statements;

test('a semicolon ends a statement outside of quotes, comments and parentheses alone', (t) => {
  t.deepEqual(statementsOf('select 1;select 2;'), ['select 1;', 'select 2;']);
  for (const whole of [
    "select ';', 'it''s;';",
    "select E'\\';', b';';",
    'select ";", "a"";";',
    'select $$;$$, $a$;$$;$b$;$a$;',
    'select /* ; /* ; */ ; */ 1;',
    'select 1 -- ; \n + 1;',
    'select (1;2);',
    'select $1;',
    'select a$b$;',
    "select 'a'\n'b;';",
    'create function f() returns int begin atomic select 1; select case when true then 1 end; end;',
    'create or replace procedure p() begin atomic select 1; end;',
  ]) {
    t.deepEqual(statementsOf(whole), [whole]);
  }
  t.deepEqual(statementsOf('begin; select 1; end;'), ['begin;', 'select 1;', 'end;']);
});

test('white space and comments before a statement are left out', (t) => {
  t.deepEqual(statementsOf('  -- first\n\n  select 1;'), ['select 1;']);
});

test('what is open at the end of a line', (t) => {
  const opens: readonly (readonly [string, string])[] = [
    ['', 'nothing'],
    ['-- comment', 'nothing'],
    ['select 1', 'statement'],
    ['select (1', 'parenthesis'],
    ["select 'a", 'single-quote'],
    ["select E'a\\'", 'single-quote'],
    ["select 'a''", 'single-quote'],
    ['select "a', 'double-quote'],
    ['select $x$ $y$', 'dollar-quote'],
    ['/* a /* b */', 'comment'],
  ];
  for (const [text, open] of opens) t.is(scan(text).open, open, text);
});

test('a backslash stops the scan; an escaped semicolon is part of the statement', (t) => {
  t.like(scan('select 1 \\g file'), { statements: [], rest: '\\g file' });
  t.deepEqual(statementsOf("select '\\g' \\; select 2;"), ["select '\\g' ; select 2;"]);
});

test('variables are put in outside of quotes', (t) => {
  t.deepEqual(statementsOf('select :a, :b, :c, :none;'), ['select 1, 1, :c, :none;']);
  t.deepEqual(statementsOf(`select :'q', :"a", ':a', x::text, y[1:2];`), [
    `select 'x''y', "1", ':a', x::text, y[1:2];`,
  ]);
  t.deepEqual(statementsOf('select :{?a}, :{?none};'), ['select TRUE, FALSE;']);
});

test('a long quote is scanned in linear time and without a deep stack', (t) => {
  const text = `select '${"x''".repeat(1_000_000)}';`;
  t.is(statementsOf(text)[0]?.length, text.length);
});
