// Programs and drivers of others against a running server: `tests/drivers/*.test.ts`.
import { avaRunner } from '../lib/ava.js';

export const runner = avaRunner({
  name: 'drivers',
  what: 'psql, pgbench and the drivers of several languages against a running server',
  patterns: ['tests/drivers/**/*.test.ts'],
});
