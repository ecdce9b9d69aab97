// The native tests: `cargo test` over the workspace in the dev profile. The addon's crate has no
// tests of its own (its symbols exist only inside Node); the ava tests cover it.
import { BUILD_TOOLS, requireTools } from '../check-tools.js';
import { cargoEnvironment } from '../lib/libclang.js';
import { ROOT } from '../lib/paths.js';
import { stream } from '../lib/run.js';

const RESULT = /^test (.+) \.\.\. (ok|FAILED|ignored)(?:, (.*))?$/;
const BINARY = /^\s+(?:Running|Doc-tests) (.+?)(?: \(.*\))?$/;
const SUMMARY = /^test result: /;

/** What of the output is counted and not shown. */
const COUNTED = new RegExp(
  [
    /^test .* \.\.\. ok$/,
    /^running \d+ tests?$/,
    /^test result: ok/,
    /^\s*(Compiling|Checking|Running|Doc-tests)/,
    /^$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Reads libtest's lines one by one; `counts()` says what they amounted to. */
export function libtestReader() {
  let passed = 0;
  const failed = [];
  const ignored = [];
  let binary = '';
  let open = false; // between the head of a test binary and its summary
  return {
    line(line) {
      const started = BINARY.exec(line);
      if (started !== null) {
        binary = started[1];
        return;
      }
      if (/^running \d+ tests?$/.test(line)) open = true;
      if (SUMMARY.test(line)) open = false;
      const found = RESULT.exec(line);
      if (found === null) return;
      const [, name, how] = found;
      if (how === 'ok') passed += 1;
      else if (how === 'FAILED') failed.push({ name: `${binary} ${name}`, why: 'failed' });
      else ignored.push(`${binary} ${name}`);
    },
    counts() {
      if (open) failed.push({ name: binary, why: 'the test program ended before its summary' });
      return { passed, failed, ignored };
    },
  };
}

/** All crates, or those that RUSTYDB_TEST_CRATES names: `RUSTYDB_TEST_CRATES=common,types`. */
function chosenCrates() {
  const names = (process.env.RUSTYDB_TEST_CRATES ?? '').split(',').filter((name) => name !== '');
  return names.length === 0 ? ['--workspace'] : names.flatMap((name) => ['-p', `rustydb-${name}`]);
}

export const runner = {
  name: 'cargo',
  what: 'unit and property tests of the native crates',
  async run(report) {
    requireTools(BUILD_TOOLS);
    const reader = libtestReader();
    // One stream, so that the names of the test programs stand before their tests.
    const merged = ['-c', 'exec cargo "$@" 2>&1', 'cargo', 'test', '--no-fail-fast', '--locked'];
    const { code, tail } = await stream('sh', [...merged, ...chosenCrates()], {
      cwd: ROOT,
      env: { ...cargoEnvironment(), CARGO_TERM_COLOR: 'never' },
      onLine(line) {
        reader.line(line);
        if (!COUNTED.test(line)) report(line);
      },
    });
    const { passed, failed, ignored } = reader.counts();
    if (ignored.length > 0) report(`not run by default (#[ignore]): ${ignored.join(', ')}`);
    if (code !== 0 && failed.length === 0) {
      failed.push({ name: 'cargo test', why: `exit code ${code}: ${tail.at(-1) ?? ''}` });
    }
    return { passed, failed, skipped: [] };
  },
};
