// Runs ava over some of the test files and counts what it prints.
//
// A test that needs an outside program which is absent says so with `skipped: PROGRAM: ...`
// (tests/support/outside.ts); a plain `test.skip` counts as a failure, since nothing may be
// silently left out.
import { bin, ROOT } from './paths.js';
import { stream } from './run.js';
import { tapReader } from './tap.js';

/** The line of a test that an absent program left out. */
export const SKIPPED = /^\s*(?:#|\*)?\s*skipped: (.+?): (.+)$/;

/** What of ava's output is counted and not shown. */
const COUNTED = /^ok \d+|^TAP version|^\d+\.\.\d+$|^# |^$/;

/** A runner over the test files that the patterns choose. */
export function avaRunner({ name, what, patterns }) {
  return {
    name,
    what,
    async run(report) {
      const reader = tapReader();
      const absent = [];
      const { code, tail } = await stream(bin('ava'), ['--tap', ...patterns], {
        cwd: ROOT,
        env: { ...process.env, FORCE_COLOR: '0' },
        onLine(line) {
          reader.line(line);
          const skip = SKIPPED.exec(line);
          if (skip !== null) absent.push({ name: skip[1], why: skip[2] });
          else if (!COUNTED.test(line)) report(line);
        },
      });
      const { passed, failed, skipped } = reader.counts();
      failed.push(...skipped.map((test) => ({ name: test.name, why: 'may not be skipped' })));
      if (code !== 0 && failed.length === 0) {
        failed.push({ name, why: `exit code ${code}: ${tail.at(-1) ?? ''}` });
      }
      return { passed: passed - absent.length, failed, skipped: absent };
    },
  };
}
