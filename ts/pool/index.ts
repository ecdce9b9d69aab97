// The one pool of engine sessions.
export { type Lease, SessionPool, type SessionPoolOptions } from './session-pool.ts';
