// The tests of the TypeScript side and of the addon: `tests/**/*.test.ts`.
//
// A test that needs an outside program which is absent says so with `skipped: PROGRAM: ...`
// (tests/support/outside.ts); a plain `test.skip` counts as a failure, since nothing may be
// silently left out.
import { bin, ROOT } from '../lib/paths.js';
import { stream } from '../lib/run.js';
import { tapReader } from '../lib/tap.js';

/** The line of a test that an absent program left out. */
export const SKIPPED = /^\s*(?:#|\*)?\s*skipped: (.+?): (.+)$/;

export const runner = {
  name: 'ava',
  what: 'tests of the TypeScript side and of the addon',
  async run(report) {
    const reader = tapReader();
    const absent = [];
    const { code, tail } = await stream(bin('ava'), ['--tap'], {
      cwd: ROOT,
      env: { ...process.env, FORCE_COLOR: '0' },
      onLine(line) {
        reader.line(line);
        const skip = SKIPPED.exec(line);
        if (skip !== null) absent.push({ name: skip[1], why: skip[2] });
        if (!/^ok \d+|^TAP version|^\d+\.\.\d+$|^# |^$/.test(line) && skip === null) report(line);
      },
    });
    const { passed, failed, skipped } = reader.counts();
    failed.push(...skipped.map(({ name }) => ({ name, why: 'a test may not be skipped' })));
    if (code !== 0 && failed.length === 0) {
      failed.push({ name: 'ava', why: `exit code ${code}: ${tail.at(-1) ?? ''}` });
    }
    return { passed: passed - absent.length, failed, skipped: absent };
  },
};
