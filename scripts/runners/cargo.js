// The native tests: `cargo test` over the workspace in the dev profile. The addon's crate has no
// tests of its own (its symbols exist only inside Node); the ava tests cover it.
import { BUILD_TOOLS, requireTools } from '../check-tools.js';
import { cargoEnvironment } from '../lib/libclang.js';
import { ROOT } from '../lib/paths.js';
import { stream } from '../lib/run.js';

const RESULT = /^test (.+) \.\.\. (ok|FAILED|ignored)(?:, (.*))?$/;
const BINARY = /^\s+(?:Running|Doc-tests) (.+?)(?: \(.*\))?$/;
const SUMMARY = /^test result: /;

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

export const runner = {
  name: 'cargo',
  what: 'unit and property tests of the native crates',
  async run(report) {
    requireTools(BUILD_TOOLS);
    const reader = libtestReader();
    const args = ['test', '--workspace', '--no-fail-fast', '--locked'];
    const { code, tail } = await stream('cargo', args, {
      cwd: ROOT,
      env: { ...cargoEnvironment(), CARGO_TERM_COLOR: 'never' },
      onLine(line) {
        reader.line(line);
        // Passed tests are counted, not shown.
        if (!/^test .* \.\.\. ok$|^\s*(Compiling|Checking|Running|Doc-tests)|^$/.test(line)) {
          if (!/^(running 0 tests|test result: ok\. 0 passed)/.test(line)) report(line);
        }
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
