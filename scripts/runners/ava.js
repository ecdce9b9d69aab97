// The tests of the TypeScript side, of the addon and of the server: `tests/**/*.test.ts`, but for
// those that have a runner of their own.
import { avaRunner } from '../lib/ava.js';

export const runner = avaRunner({
  name: 'ava',
  what: 'tests of the TypeScript side, the addon, the server',
  patterns: ['tests/**/*.test.ts', '!tests/drivers/**'],
});
