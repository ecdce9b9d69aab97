// The audit log: a chain of records in files, its writer, its reader and its judge.
export { type AuditCounts, AuditLog, type AuditLogOptions } from './audit-log.ts';
export { AUDIT_TYPES, type AuditEvent, type AuditRecord, type AuditType } from './audit-record.ts';
export { type AuditFilter, type AuditPage, searchAudit } from './audit-search.ts';
export { type AuditReport, verifyFolder, verifySegments } from './audit-verify.ts';
export { FileStore } from './file-store.ts';
export { MemoryStore } from './memory-store.ts';
export { type Refused, securityEvent } from './security-event.ts';
