// The gateway: one request context, and the stages that every protocol's requests pass.
export type { AddressAction, AddressRule } from './address-rules.ts';
export {
  type ConnectionOrigin,
  ConnectionOrigins,
  type ConnectionReport,
  type ConnectionState,
  reportOf,
} from './connection-report.ts';
export { Cors, type HeaderList } from './cors.ts';
export { DoorControl, doorRulesOf } from './door-control.ts';
export { DoorPolicy, type DoorProtocol, type DoorRules } from './door-policy.ts';
export { checkCrossSite, checkHeaderCount } from './http-filters.ts';
export { InjectionFilter } from './injection-filter.ts';
export type { Principal, Protocol, RequestContext } from './request-context.ts';
export { admit, STAGES, type Stage } from './stages.ts';
