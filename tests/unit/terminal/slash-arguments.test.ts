import test from 'ava';
import { parseCopy } from '../../../ts/terminal/meta/copy-command.ts';
import { findCommand, META_COMMANDS } from '../../../ts/terminal/meta/registry.ts';
import { foldName, SlashArguments } from '../../../ts/terminal/shell/slash-arguments.ts';

function argumentsOf(text: string): SlashArguments {
  const values: Readonly<Record<string, string>> = { v: 'a b' };
  return new SlashArguments(
    text,
    (name, quoting) => (quoting === 'literal' ? `'${values[name]}'` : values[name]),
    (command) => `<${command}>\n`,
  );
}

test('arguments, quotes, escapes, variables, commands in backquotes', (t) => {
  const args = argumentsOf(`\\echo a 'b c' "D e" 'it''s\\n\\x41\\101' :v :'v' \`ls\` x'y'z`);
  t.is(args.name, 'echo');
  t.deepEqual(args.all(), ['a', 'b c', '"D e"', "it's\nAA", 'a b', "'a b'", '<ls>', 'xyz']);
});

test('a backslash ends the arguments, two of them go back to statements', (t) => {
  const args = argumentsOf('\\d t \\d s');
  t.deepEqual(args.all(), ['t']);
  t.is(args.rest(), '\\d s');
  const back = argumentsOf('\\x \\\\ select 1;');
  t.deepEqual(back.all(), []);
  t.is(back.rest(), ' select 1;');
});

test('names fold to lower case outside of double quotes', (t) => {
  t.is(foldName('Sch."My ""T"'), 'sch.My "T');
  t.true(argumentsOf("\\set a 'open").all().length === 2);
});

test('every command is found by its names, with + and S where it lists', (t) => {
  for (const command of META_COMMANDS) {
    for (const name of command.names) t.is(findCommand(name), command, name);
  }
  t.is(findCommand('dt+'), findCommand('dt'));
  t.is(findCommand('dtvS+'), findCommand('dt'));
  t.is(findCommand('d+'), findCommand('d'));
  t.is(findCommand('dnS'), findCommand('dn'));
  for (const name of ['', 'nothing', 'echo+', 'dtx']) t.is(findCommand(name), undefined, name);
});

test('copy: table or query, file, program, standard input and its options', (t) => {
  t.deepEqual(parseCopy("s.t (a, \"B\") from 'a ''b''.csv' csv header"), {
    what: 's.t (a, "B")',
    isFrom: true,
    target: { kind: 'file', name: "a 'b'.csv" },
    options: 'csv header',
  });
  t.like(parseCopy('(select 1 from t) to stdout'), {
    what: '(select 1 from t)',
    isFrom: false,
    target: { kind: 'standard' },
  });
  t.like(parseCopy("t to program 'gzip > x' (format csv);"), {
    target: { kind: 'program', name: 'gzip > x' },
    options: '(format csv)',
  });
  t.like(parseCopy("t from 'stdin'"), { target: { kind: 'file', name: 'stdin' } });
  t.deepEqual(parseCopy('t to'), { wrongAt: 'end of line' });
  t.deepEqual(parseCopy('t'), { wrongAt: 'end of line' });
});
