import test from 'ava';
import { sqlOptions } from '../../../ts/commands/sql.ts';
import { connectionOptions } from '../../../ts/terminal/connection/connection-options.ts';
import { messageText } from '../../../ts/terminal/connection/server-message.ts';
import { patternCondition } from '../../../ts/terminal/describe/name-pattern.ts';
import { Conditions } from '../../../ts/terminal/shell/conditions.ts';
import { timingLine } from '../../../ts/terminal/shell/timing.ts';
import { Variables } from '../../../ts/terminal/shell/variables.ts';

test('where to connect: flags, URL, variables, defaults', (t) => {
  t.like(connectionOptions({}, {}, 'x'), {
    host: '127.0.0.1',
    port: 5432,
    user: 'rustydb',
    database: 'rustydb',
    password: undefined,
    encryption: 'none',
  });
  t.like(
    connectionOptions(
      { url: 'postgresql://a%40b:p%3aw@[::1]:99/d%20b?sslmode=require', port: '100' },
      { PGHOST: 'other', PGPASSWORD: 'no' },
      'x',
    ),
    {
      host: '::1',
      port: 100,
      user: 'a@b',
      password: 'p:w',
      database: 'd b',
      encryption: 'required',
    },
  );
  t.like(connectionOptions({ database: 'postgres:///x?host=/run' }, {}, 'x'), {
    host: '/run',
    database: 'x',
  });
  for (const flags of [{ url: 'mysql://x' }, { port: '0' }, { port: 'many' }]) {
    t.throws(() => connectionOptions(flags, {}, 'x'), { code: 'CONFIGURATION_ERROR' });
  }
});

test('the command line of sql', (t) => {
  const options = sqlOptions(
    ['-Atc', 'SELECT 1', '-f', 'x', '-v', 'a=b=c', '-p5433', 'db', 'someone', '-1'],
    {},
  );
  t.deepEqual(options.actions, [
    { kind: 'text', value: 'SELECT 1' },
    { kind: 'script', value: 'x' },
  ]);
  t.deepEqual(options.variables, [['a', 'b=c']]);
  t.deepEqual(options.print, [
    ['format', 'unaligned'],
    ['tuples_only', 'on'],
  ]);
  t.like(options.connection, { port: 5433, database: 'db', user: 'someone' });
  t.true(options.isSingleTransaction);
  t.throws(() => sqlOptions(['a', 'b', 'c'], {}), { message: 'sql: unexpected c' });
  t.throws(() => sqlOptions(['-1'], {}), { message: /^sql: -1 can only be used/ });
  t.throws(() => sqlOptions(['-y'], {}), { message: 'sql: no option -y; see rustydb sql --help' });
});

test('errors with the line of the statement and a caret', (t) => {
  const error = { severity: 'ERROR', code: '42703', message: 'no x', position: '12' };
  t.is(
    messageText(error, 'select\n1,\t\tx', undefined),
    'ERROR:  no x\nLINE 2: 1,  x\n            ^\n',
  );
  t.is(
    messageText({ ...error, detail: 'd', hint: 'h', where: 'w' }, undefined),
    'ERROR:  no x\nDETAIL:  d\nHINT:  h\nCONTEXT:  w\n',
  );
  t.is(messageText({ ...error, position: '99' }, 'select x'), 'ERROR:  no x\n');
});

test('patterns of names', (t) => {
  const target = { schema: 'n', name: 'c', visible: 'v' };
  t.is(patternCondition(undefined, target), 'v');
  t.is(patternCondition('*', target), 'true AND v');
  t.is(patternCondition('A*', target), "c OPERATOR(pg_catalog.~) '^(a.*)$' AND v");
  t.is(
    patternCondition('s.?"X.*"', target),
    "c OPERATOR(pg_catalog.~)  E'^(.X\\\\.\\\\*)$' AND n OPERATOR(pg_catalog.~) '^(s)$'",
  );
});

test('conditions: one branch of a block is run, blocks in blocks', (t) => {
  const conditions = new Conditions();
  conditions.begin(false);
  conditions.begin(true);
  t.false(conditions.isActive);
  t.is(conditions.end(), undefined);
  conditions.otherwiseIf(true);
  t.true(conditions.isActive);
  conditions.otherwise();
  t.false(conditions.isActive);
  t.is(conditions.otherwise(), '\\else: cannot occur after \\else');
  conditions.end();
  t.true(conditions.isActive);
  t.is(conditions.end(), '\\endif: no matching \\if');
});

test('times of statements', (t) => {
  t.is(timingLine(1.5), 'Time: 1.500 ms');
  t.is(timingLine(61_234), 'Time: 61234.000 ms (01:01.234)');
  t.is(timingLine(3_601_000), 'Time: 3601000.000 ms (01:00:01.000)');
  t.is(timingLine(90_000_000), 'Time: 90000000.000 ms (1 d 01:00:00.000)');
});

test('variables: checks, defaults', (t) => {
  const variables = new Variables();
  t.is(variables.set('ON_ERROR_STOP', ''), undefined);
  t.true(variables.isOn('ON_ERROR_STOP'));
  variables.unset('ON_ERROR_STOP');
  t.false(variables.isOn('ON_ERROR_STOP'));
  t.regex(variables.set('ECHO', 'loud') ?? '', /Available values are: none/);
  t.regex(variables.set('a-b', '1') ?? '', /invalid variable name/);
});
