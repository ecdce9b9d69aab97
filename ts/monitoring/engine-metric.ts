// What Prometheus is told of the engine's numbers: those that only grow are counters, with the name
// that says so.

interface EngineMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
}

const counter = (name: string, help: string): EngineMetric => ({
  name: `rustydb_${name}_total`,
  help,
  type: 'counter',
});
const gauge = (name: string, help: string): EngineMetric => ({
  name: `rustydb_${name}`,
  help,
  type: 'gauge',
});

const KNOWN: Readonly<Record<string, EngineMetric>> = {
  bufferPoolFrames: gauge('buffer_pool_frames', 'Pages that the buffer pool has room for'),
  bufferPoolFree: gauge('buffer_pool_free', 'Frames of the buffer pool that nothing uses'),
  bufferPoolDirty: gauge('buffer_pool_dirty', 'Pages of the buffer pool that differ from the disk'),
  bufferPoolMisses: counter('buffer_pool_misses', 'Pages that were not in the buffer pool'),
  bufferPoolEvictions: counter('buffer_pool_evictions', 'Pages that made room for others'),
  pagesRead: counter('pages_read', 'Pages that were read from the disk'),
  pagesWritten: counter('pages_written', 'Pages that were written to the disk'),
  logRecords: counter('wal_records', 'Records of the write-ahead log'),
  logSyncs: counter('wal_fsyncs', 'Times that the disk was told to keep the log'),
  commitsPublished: counter('transactions_committed', 'Transactions that committed changes'),
  commitGroupMax: gauge('wal_group_size_max', 'The most commits that one sync of the log served'),
  checkpoints: counter('checkpoints', 'Checkpoints that were made'),
  catalogVersion: gauge('catalog_version', 'The version of the catalog'),
  sessions: gauge('sessions', 'Sessions of the engine'),
  jobsQueued: gauge('engine_queue_size', 'Statements that wait for a native thread'),
  writable: gauge('writable', '0 once a fault of the disk has ended writing'),
};

/** The metric of a number of the engine; one that is not known yet is a gauge. */
export function engineMetric(own: string): EngineMetric {
  const words = own.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return KNOWN[own] ?? gauge(words, `${own} of the engine`);
}
