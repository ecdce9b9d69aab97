// Shows of each check that it can fail, and that it lets pass what it should.
import test from 'ava';
import { blankRust, blankRustTests, blankTs } from './blank.ts';
import { checkCrateArrows, checkTsArrows } from './checks/arrows.ts';
import { checkBanned } from './checks/banned.ts';
import { checkDeadModules, checkDeadRust } from './checks/dead-files.ts';
import { checkDocuments } from './checks/documents.ts';
import { checkGuards } from './checks/guards.ts';
import { checkJsonKeys } from './checks/json-keys.ts';
import { checkNames } from './checks/names.ts';
import { checkSizes, measureRust, measureTs } from './checks/sizes.ts';
import type { SourceFile } from './source-file.ts';

const file = (path: string, text = ''): SourceFile => ({ path, text });
const lines = (count: number, line = 'x();') => Array(count).fill(line).join('\n');
const none = { files: {}, functions: {} };

test('blanking keeps code and offsets, and nothing else', (t) => {
  const rust = `let a = "{"; // {\nlet b = '{'; let c: &'a str = r#"{"{"#; /* { /* { */ } */ let d = b'\\'';`;
  t.is(blankRust(rust).replace(/ +/g, ' '), "let a = ; \nlet b = ; let c: &'a str = ; let d = ;");
  t.is(blankRust(rust).length, rust.length);
  const ts =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template is what is tested
    'const a = `{${b({ c: `}` })}{`; // {\nif (a / b) d(/[/{]\\//g, "{", \'{\'); /* { */ e / f;';
  t.is(
    blankTs(ts).replace(/ +/g, ' '),
    'const a = b({ c: })} ; \nif (a / b) d( , , ); e / f;'.replace('})}', '})'),
  );
  t.is(blankTs(ts).length, ts.length);
});

test('Rust test modules are blanked', (t) => {
  const text = 'fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { x.unwrap() }\n}\nfn c() {}\n';
  const rest = blankRustTests(text);
  t.regex(rest, /fn a[\s\S]*fn c/);
  t.notRegex(rest, /fn b/);
  t.notRegex(blankRustTests('#[cfg(test)]\nmod tests;\n'), /mod/);
});

test('functions are measured from head to closing brace', (t) => {
  const ts = `function a(x: { y: number }): void {\n  if (x) {\n  }\n}\nclass B { async c() {\n} }\nconst d = (e: string) => {\n};`;
  t.deepEqual(measureTs(ts), [
    { name: 'a', lines: 4 },
    { name: 'c', lines: 2 },
    { name: 'd', lines: 2 },
  ]);
  const rust = `fn a<T>(x: [u8; { 3 }])\nwhere\n T: Sized,\n{\n  match x { _ => {} }\n}\ntrait B { fn c(&self); }`;
  t.deepEqual(measureRust(rust), [{ name: 'a', lines: 6 }]);
});

test('a long file is found, a long test is not', (t) => {
  t.deepEqual(checkSizes([file('ts/a.ts', lines(500))], none), []);
  t.deepEqual(checkSizes([file('ts/a.ts', lines(501))], none), [
    'ts/a.ts: a file of 501 lines, at most 500',
  ]);
  const tested = `${lines(300)}\n#[cfg(test)]\nmod tests {\n${lines(400)}\n}\n`;
  t.deepEqual(checkSizes([file('native/a/src/b.rs', tested)], none), []);
  t.deepEqual(checkSizes([file('native/a/tests/b.rs', lines(900))], none), []);
});

test('a long function is found, in both languages', (t) => {
  const body = lines(69, '  x();');
  t.deepEqual(checkSizes([file('ts/a.ts', `function b() {\n${body}\n}`)], none), [
    'ts/a.ts b: a function of 71 lines, at most 70',
  ]);
  t.deepEqual(checkSizes([file('native/a/src/b.rs', `fn c() {\n${body}\n}`)], none), [
    'native/a/src/b.rs c: a function of 71 lines, at most 70',
  ]);
});

test('an allowance holds up to its length and must go with its offender', (t) => {
  const allowed = { files: { 'ts/a.ts': 510 }, functions: {} };
  t.deepEqual(checkSizes([file('ts/a.ts', lines(510))], allowed), []);
  t.is(checkSizes([file('ts/a.ts', lines(511))], allowed).length, 1);
  t.deepEqual(checkSizes([file('ts/a.ts', lines(10))], allowed), [
    'ts/a.ts: within the cap now, take it off the list of allowed ones',
  ]);
});

test('banned calls are found where they are code, outside the places that wrap them', (t) => {
  const rust = [
    'use std::thread;',
    'use std::time::{Duration, Instant};',
    'let t = SystemTime::now();',
    'use std::sync::{Arc, Mutex};',
    'rand::random();',
    'std::fs::read(p);',
    'println!("x");',
    'todo!();',
    'x.unwrap();',
  ];
  for (const text of rust) {
    t.is(checkBanned([file('native/a/src/b.rs', text)]).length, 1, text);
    t.deepEqual(checkBanned([file('native/a/src/b.rs', `// ${text}`)]), [], text);
    t.deepEqual(checkBanned([file('native/a/src/b.rs', `#[cfg(test)]\nmod t {\n${text}\n}`)]), []);
    t.deepEqual(checkBanned([file('native/a/tests/b.rs', text)]), [], text);
  }
  t.deepEqual(checkBanned([file('native/common/src/rt/thread.rs', 'use std::thread;')]), []);
  const ts = [
    'const m = new Map();',
    'const s = new Set<string>();',
    'console.log(1);',
    'Date.now();',
    'Math.random();',
    'setTimeout(f, 1);',
    'process.exit(1);',
    'export default 1;',
  ];
  for (const text of ts) {
    t.is(checkBanned([file('ts/pool/a.ts', text)]).length, 1, text);
    t.deepEqual(checkBanned([file('ts/pool/a.ts', `'${text}'; // ${text}`)]), [], text);
    t.deepEqual(checkBanned([file('tests/a.test.ts', text)]), [], text);
  }
  t.deepEqual(checkBanned([file('ts/util/bounded-map.ts', 'new Map()')]), []);
});

test('imports against the arrows are found', (t) => {
  const imports = (path: string, specifier: string) =>
    checkTsArrows([file(path, `import { a } from '${specifier}';`)]);
  t.deepEqual(imports('ts/wire/a.ts', '../gateway/b.ts'), []);
  t.deepEqual(imports('ts/wire/a.ts', './b.ts'), []);
  t.is(imports('ts/pool/a.ts', '../wire/b.ts').length, 1);
  t.is(imports('ts/commands/a.ts', '../wire/b.ts').length, 1);
  t.is(imports('ts/wire/a.ts', '../rest/b.ts').length, 1);
  t.is(imports('ts/errors/a.ts', '../util/b.ts').length, 1);
  t.is(imports('ts/pool/a.ts', 'koffi').length, 1);
  t.is(imports('ts/pool/a.ts', '../../bindings/node/index.js').length, 1);
  t.deepEqual(imports('ts/native/a.ts', '../../bindings/node/index.js'), []);
  t.is(imports('ts/pool/a.ts', '../../tests/a.ts').length, 1);
  t.is(imports('ts/novel/a.ts', './b.ts').length, 1);
  t.is(checkTsArrows([file('ts/pool/a.ts', "export * from '../main.ts';")]).length, 1);
});

test('crates against the order are found', (t) => {
  const manifest = (path: string, text: string) => checkCrateArrows([file(path, text)]);
  const needs = (name: string) =>
    `[package]\nname = "x"\n[dependencies]\nrustydb-${name}.workspace = true\n`;
  t.deepEqual(manifest('native/sql/Cargo.toml', needs('types')), []);
  t.is(manifest('native/types/Cargo.toml', needs('sql')).length, 1);
  t.is(manifest('native/types/Cargo.toml', needs('types')).length, 1);
  t.is(manifest('bindings/node/Cargo.toml', needs('storage')).length, 1);
  t.deepEqual(manifest('bindings/node/Cargo.toml', needs('engine')), []);
  t.is(manifest('native/novel/Cargo.toml', '').length, 1);
  const dev = '[dependencies]\n[dev-dependencies]\nrustydb-sim.workspace = true\n';
  t.deepEqual(manifest('native/storage/Cargo.toml', dev), []);
});

test('an export without a guard is found', (t) => {
  const check = (text: string) => checkGuards([file('bindings/node/src/lib.rs', text)]);
  t.is(check('#[napi]\npub fn a() {}').length, 1);
  t.is(check('#[napi(js_name = "b")]\n#[inline]\npub async fn a() { b() }').length, 1);
  t.deepEqual(check('#[napi(catch_unwind)]\npub fn a() {}'), []);
  t.deepEqual(check('#[napi]\npub fn a() { guard(|| 1) }'), []);
  t.deepEqual(check('#[napi]\npub struct A {}\npub fn b() {}'), []);
});

test('dead files are found', (t) => {
  const main = file('ts/main.ts', "import './a.ts';");
  t.deepEqual(checkDeadModules([main, file('ts/a.ts')]), []);
  t.deepEqual(checkDeadModules([main, file('ts/a.ts'), file('ts/b.ts')]), [
    'ts/b.ts: nothing imports or runs it',
  ]);
  const packageJson = file('package.json', '"start": "node scripts/a.js"');
  t.is(checkDeadModules([packageJson, file('scripts/a.js'), file('scripts/b.js')]).length, 1);
  const lib = file('native/a/src/lib.rs', '// mod c;\npub mod b;\nmod d;');
  t.deepEqual(checkDeadRust([lib, file('native/a/src/b.rs'), file('native/a/src/d/mod.rs')]), []);
  t.deepEqual(checkDeadRust([lib, file('native/a/src/c.rs')]), [
    'native/a/src/c.rs: no module declares it',
  ]);
  const deep = file('native/a/src/b.rs', 'mod e;');
  t.deepEqual(checkDeadRust([lib, deep, file('native/a/src/b/e.rs')]), []);
});

test('names out of style are found', (t) => {
  t.deepEqual(
    checkNames([file('ts/a-b.ts'), file('tests/a.test.ts'), file('native/a/src/a_b.rs')]),
    [],
  );
  t.is(checkNames([file('ts/aB.ts'), file('ts/a_b.ts'), file('native/a/src/a-b.rs')]).length, 3);
});

test('keys that are twice in an object of JSON are found', (t) => {
  const check = (text: string) => checkJsonKeys([file('a.json', text)]);
  t.deepEqual(check('{"a": {"a": ["a", "a"]}, "b": [{"a": 1}, {"a": "{"}], "c": "a\\":"}'), []);
  t.is(check('{"bin": {"a": 1}, "b": [], "bin": 2}').length, 1);
  t.is(check('[{"a": [1], "a": {}}]').length, 1);
});

test('paths that are not there are found', (t) => {
  const there = ['ts/main.ts', 'docs/a.md', 'ts', 'native'];
  const check = (text: string) =>
    checkDocuments([file('docs/b.md', text)], (path) => there.includes(path));
  t.deepEqual(check('`ts/main.ts` and [a](a.md#x), `ts/*.ts`, `native/<crate>/src`'), []);
  t.deepEqual(check('[web](https://example.org/ts/x.ts), `a/b`, `--flag`'), []);
  t.is(check('`ts/gone.ts`').length, 1);
  t.is(check('[gone](gone.md)').length, 1);
  t.is(check('`GONE.md`').length, 1);
});
