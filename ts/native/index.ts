// The typed face of the addon: engines, and the front of one JavaScript thread.
export { Engine, type EngineOptions, type VerifyResult } from './engine.ts';
export { Front, lengthOf, NativeConnection, STEP, type StartupPacket } from './front.ts';
