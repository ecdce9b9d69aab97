// The gateway: one request context, and the stages that every protocol's requests pass.
export type { Principal, Protocol, RequestContext } from './request-context.ts';
export { admit, STAGES, type Stage } from './stages.ts';
