import type { AuditEvent, Refused } from '../audit/index.ts';

/** What the doors of HTTP tell the audit log. */
export class RestAudit {
  readonly record: (event: AuditEvent) => void;
  /** Whether every request is recorded: `audit.requests`, which is live. */
  recordsRequests: boolean;

  constructor(record: (event: AuditEvent) => void, recordsRequests: boolean) {
    this.record = record;
    this.recordsRequests = recordsRequests;
  }

  /** A request was answered; where requests are recorded, `whoOf` says whose it was. */
  request(method: string, status: number, seconds: number, whoOf: () => Refused): void {
    if (!this.recordsRequests) return;
    const durationMs = Math.round(seconds * 1e6) / 1000;
    this.record({
      type: 'request',
      action: method,
      result: status < 400 ? 'success' : 'failure',
      ...whoOf(),
      metadata: { status, durationMs },
    });
  }
}
