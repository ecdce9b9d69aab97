import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUsage {
  readonly residentBytes: number;
  /** The most that was ever resident. */
  readonly peakBytes: number;
  readonly files: number;
}

function statusBytes(status: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (found === null) throw new Error(`/proc/pid/status has no ${field}`);
  return Number(found[1]) * 1024;
}

/** What Linux says that a process uses. */
export function usageOf(pid: number): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    residentBytes: statusBytes(status, 'VmRSS'),
    peakBytes: statusBytes(status, 'VmHWM'),
    files: readdirSync(`/proc/${pid}/fd`).length,
  };
}

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
