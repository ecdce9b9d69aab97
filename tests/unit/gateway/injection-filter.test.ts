import test from 'ava';
import { InjectionFilter, injectionIn } from '../../../ts/gateway/injection-filter.ts';

const SQL = [
  "' OR '1'='1",
  "x' or 1=1 --",
  "admin'--",
  "1'; DROP TABLE users",
  '1; delete from users',
  "' UNION/**/SELECT password FROM users",
  '1 union all select null',
  "' AND pg_sleep(10)",
  "'; WAITFOR DELAY '0:0:5'",
  "') or true",
];
const SCRIPTS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  'javascript:alert(1)',
  '<iframe src=//example.org>',
];
const PLAIN = [
  "O'Brien",
  'Tom & Jerry',
  'a or b',
  'select the best of them',
  'union of states',
  'the drop; update tomorrow',
  '5 < 6 and 7 > 2',
  'eq.2024-01-01',
  "it's 5 o'clock",
  'on = off',
  'x -- y',
  '# of items',
  'Java script: a play',
];

test('attempts are seen, and plain text is not taken for one', (t) => {
  for (const text of SQL) t.is(injectionIn(text), 'SQL injection', text);
  for (const text of SCRIPTS) t.is(injectionIn(text), 'cross-site scripting', text);
  for (const text of PLAIN) t.is(injectionIn(text), undefined, text);
});

test('no value costs more than its length', (t) => {
  for (const text of [
    "'".repeat(1e6),
    '<'.repeat(1e6),
    'select from '.repeat(1e5),
    "' or ".repeat(1e5),
  ]) {
    t.notThrows(() => injectionIn(text));
  }
});

function world(mode: 'off' | 'report' | 'block') {
  const found: string[] = [];
  const filter = new InjectionFilter({ mode, onFound: (kind) => found.push(kind) });
  const check = (search: string, body?: unknown) =>
    filter.check({ requestId: 'r', route: '/x', search: new URLSearchParams(search), body });
  return { found, check };
}

test('off looks at nothing, report lets it pass, block refuses', (t) => {
  const off = world('off');
  off.check("name=eq.' or 1=1 --");
  t.deepEqual(off.found, []);
  const report = world('report');
  report.check("name=eq.' or 1=1 --");
  t.deepEqual(report.found, ['SQL injection']);
  const block = world('block');
  t.throws(() => block.check("name=eq.' or 1=1 --"), { message: /looks like SQL injection/ });
  const deep = [{ a: { b: ['x', '<script>'] } }];
  t.throws(() => block.check('', deep), { message: /cross-site scripting/ });
  t.notThrows(() => block.check('name=eq.Ann', [{ a: 1, b: null, c: "O'Brien" }]));
});

test('a body of any shape is looked at within bounds', (t) => {
  const { check } = world('block');
  let nested: unknown = 'x';
  for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
  t.notThrows(() => check('', nested));
  t.throws(() =>
    check(
      '',
      Array.from({ length: 1e6 }, () => "' or 1=1 --"),
    ),
  );
});
