import { BOOLEAN, duration, GIB, integer, type Key, KIB, MIB } from '../key.ts';

export const auditKeys: readonly Key[] = [
  {
    name: 'audit.requests',
    type: BOOLEAN,
    default: false,
    live: true,
    what: 'Records every HTTP request too, not only what concerns security and administration.',
  },
  {
    name: 'audit.segment_bytes',
    type: { kind: 'size', min: 64 * KIB, max: 1 * GIB },
    default: 16 * MIB,
    live: true,
    what: 'A file of the audit log that has grown to this is followed by a new one.',
    raise: 'fewer files',
    lower: 'old records go in smaller steps',
  },
  {
    name: 'audit.max_segments',
    type: integer(2, 10_000),
    default: 64,
    live: true,
    what: 'Files of the audit log that are kept; the oldest goes, which is recorded.',
    raise: 'records are kept longer, and take room on the disk of the data',
    lower: 'less room',
  },
  {
    name: 'audit.max_queued',
    type: integer(100, 1_000_000),
    default: 10_000,
    what: 'Records that wait to be written; further ones are dropped, counted and the drop recorded.',
    raise: 'longer bursts and slower disks lose nothing',
    lower: 'less memory',
  },
  {
    name: 'audit.sync_interval',
    type: duration(0, 3_600_000),
    default: '1s',
    live: true,
    what: 'How long records may be written before the disk is told to keep them (fdatasync); 0 is after each batch.',
    raise: 'fewer syncs; a power failure may take more records',
    lower: 'a power failure takes less',
  },
];
