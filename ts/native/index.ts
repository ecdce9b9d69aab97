// The typed face of the addon: engines, and the fronts of one JavaScript thread.
export { Engine, type EngineOptions, type VerifyResult } from './engine.ts';
export { Front, lengthOf, NativeConnection, STEP, type StartupPacket } from './front.ts';
export {
  ANSWER,
  checkClient,
  type LimitsChange,
  lastCheck,
  NativeLimits,
  PHASE,
  type Phase,
  type Usage,
} from './limits.ts';
export { callNative } from './native-error.ts';
export {
  INTEGERS_MAX,
  keepText,
  type Layout,
  type NativeOutcome,
  type NativeRequest,
  NativeSession,
  type NativeSqlError,
} from './native-session.ts';
export {
  type Claim,
  type Durations,
  type PoolOptions,
  type PoolStatistics,
  PRIORITIES,
  type Priority,
  SlotPool,
} from './slot-pool.ts';
