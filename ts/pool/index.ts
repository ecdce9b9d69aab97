// The one pool of engine sessions.
export { leavesSessionClean } from './leaves-session-clean.ts';
export { type Lease, SessionPool, type SessionPoolOptions } from './session-pool.ts';
