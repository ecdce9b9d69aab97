import test from 'ava';
import { createLogger, type LogFormat, redactText } from '../../../ts/monitoring/index.ts';

function logged(format: LogFormat, level: 'info' | 'trace' = 'info') {
  const lines: string[] = [];
  const log = createLogger({ level, format, sink: { write: (line) => lines.push(line) } });
  return { log, lines };
}

test('a JSON line has level, timestamp, module, message and fields', (t) => {
  const { log, lines } = logged('json');
  log.child('pool', { pool: 'main' }).warn('is full', { size: 3 });
  log.debug('not shown');
  t.is(lines.length, 1);
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  t.regex(String(line.timestamp), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.like(line, { level: 'warn', module: 'pool', pool: 'main', message: 'is full', size: 3 });
});

test('logfmt and plain lines', (t) => {
  const fmt = logged('logfmt');
  fmt.log.critical('it "broke"', { count: 2, empty: '' });
  t.regex(
    fmt.lines[0] ?? '',
    /^level=critical timestamp=\S+ module=server .*message="it \\"broke\\""/,
  );
  t.regex(fmt.lines[0] ?? '', /count=2 empty=""/);
  const plain = logged('plain');
  plain.log.error('failed', { error: new Error('why'), id: 7 });
  t.regex(plain.lines[0] ?? '', /^\S+Z ERROR {4}server: failed id=7\n {4}Error: why\n {8}at /);
});

test('levels: only what is enabled is written', (t) => {
  const { log, lines } = logged('json', 'trace');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'critical'] as const)
    log[level](level);
  t.is(lines.length, 6);
  t.false(logged('json').log.isEnabled('debug'));
  t.true(logged('json').log.isEnabled('info'));
});

test('secrets never reach a line: fields, URLs, statements', (t) => {
  const { log, lines } = logged('json');
  log.info('hello', {
    password: 'hunter2',
    user: { token: 'hunter2', name: 'ann' },
    url: 'postgresql://ann:hunter2@host/db',
    sql: "ALTER ROLE ann PASSWORD 'hunter2''s'",
  });
  log.error('failed', { error: new Error('no route to rustydb://ann:hunter2@host') });
  const text = lines.join('');
  t.notRegex(text, /hunter2/);
  t.regex(text, /"name":"ann"/);
  t.is(redactText('plain text: a:b@c'), 'plain text: a:b@c');
});
