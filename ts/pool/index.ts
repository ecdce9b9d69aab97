// The one pool: slots that all threads and doors have together, and the sessions that requests share.
export type { Claim } from '../native/index.ts';
export { leavesSessionClean } from './leaves-session-clean.ts';
export { poolOptionsOf, smallPoolOptions } from './pool-options.ts';
export { type Lease, SessionPool, type SessionPoolOptions } from './session-pool.ts';
