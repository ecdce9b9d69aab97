// The readers of the runners' output: a test that fails must never be counted as anything else.
import test from 'ava';
import { tapReader } from '../../../scripts/lib/tap.js';
import { libtestReader } from '../../../scripts/runners/cargo.js';

function feed<Reader extends { line(line: string): void }>(reader: Reader, text: string): Reader {
  for (const line of text.split('\n')) reader.line(line);
  return reader;
}

const LIBTEST = `   Compiling rustydb-common v0.1.0
     Running unittests src/lib.rs (target/debug/deps/common-1)

running 3 tests
test a::passes ... ok
test a::fails ... FAILED
test a::waits ... ignored, takes minutes

failures:

---- a::fails stdout ----
thread 'a::fails' panicked

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
`;

test('libtest: passed, failed and ignored tests are told apart', (t) => {
  const { passed, failed, ignored } = feed(libtestReader(), LIBTEST).counts();
  t.is(passed, 1);
  t.deepEqual(
    failed.map(({ name }: { name: string }) => name),
    ['unittests src/lib.rs a::fails'],
  );
  t.deepEqual(ignored, ['unittests src/lib.rs a::waits']);
});

test('libtest: a test program that dies in the middle is a failure', (t) => {
  const { failed } = feed(
    libtestReader(),
    LIBTEST.slice(0, LIBTEST.indexOf('test a::fails')),
  ).counts();
  t.is(failed.length, 1);
  t.regex(failed[0]?.why ?? '', /before its summary/);
});

test('TAP: passed, failed and skipped tests are told apart', (t) => {
  const tap =
    'TAP version 13\nok 1 - a\nnot ok 2 - b\n  ---\n  ...\nok 3 - c # SKIP\nok 4 - d # TODO\n1..4';
  const { passed, failed, skipped } = feed(tapReader(), tap).counts();
  t.is(passed, 1);
  t.deepEqual(failed, [{ name: 'b', why: 'failed' }]);
  t.deepEqual(
    skipped.map(({ name }: { name: string }) => name),
    ['c', 'd'],
  );
});
