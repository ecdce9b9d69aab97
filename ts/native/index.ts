// The typed face of the addon: engines, and the fronts of one JavaScript thread.
export { Engine, type EngineOptions, type VerifyResult } from './engine.ts';
export { Front, lengthOf, NativeConnection, STEP, type StartupPacket } from './front.ts';
export {
  ANSWER,
  type Checked,
  checkClient,
  type LimitsChange,
  lastCheck,
  lastPlace,
  NativeLimits,
  PHASE,
  type Phase,
  SETTLES,
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
  type LeakReport,
  type Partition,
  type PartitionReport,
  PoolControl,
  type SlotReport,
  type WaiterReport,
} from './pool-control.ts';
export {
  type Claim,
  type Durations,
  type PoolOptions,
  type PoolStatistics,
  PRIORITIES,
  type Priority,
  SlotPool,
} from './slot-pool.ts';
