// The one pool of engine sessions.
export { leavesSessionClean } from './leaves-session-clean.ts';
export {
  type Lease,
  SessionPool,
  type SessionPoolOptions,
  type SharedSessions,
} from './session-pool.ts';
