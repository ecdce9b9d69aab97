//! Settings of a [`crate::Storage`] and the two ways to wait.

use std::time::Duration;

use crate::pool::eviction::PolicyKind;

/// When the log is synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SyncMode {
    /// A commit is answered when the disk has its record (grouped).
    #[default]
    Full,
    /// Commits are answered at once; the log is synced before data pages are written, at segment
    /// ends and at checkpoints. A power cut loses the latest commits, never consistency.
    Normal,
    /// Nothing is synced. A power cut may lose the database; the end of the process does not.
    Off,
}

/// What to do where something would have to be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Wait for it.
    Block,
    /// Answer [`common::Error::WouldBlock`]: on a page miss, on a latch after a short spin, when
    /// the log ring is full, no frame is clean or a file must grow.
    NoWait,
}

/// Settings, given at open.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes of page frames, rounded down to whole pages; at least 64 pages. More keeps more pages
    /// in memory. Live: [`crate::Storage::resize_pool`] up to `buffer_pool_max_bytes`.
    pub buffer_pool_bytes: u64,
    /// Address space reserved for the pool (not memory); 0 takes `buffer_pool_bytes`.
    pub buffer_pool_max_bytes: u64,
    /// Default [`SyncMode::Full`].
    pub sync: SyncMode,
    /// Bytes of a log segment, a power of two from 64 KiB to 1 GiB; fixed when the directory is
    /// made. Default 16 MiB.
    pub wal_segment_bytes: u64,
    /// Bytes of the log ring in memory, a power of two, at least 64 KiB. Default 16 MiB.
    pub wal_ring_bytes: u64,
    /// The longest time between two checkpoints. Default 5 minutes. Shorter: faster recovery, more
    /// page writes.
    pub checkpoint_interval: Duration,
    /// Log bytes after which a checkpoint starts before its time. Default 1 GiB.
    pub checkpoint_bytes: u64,
    /// Segments kept for reuse beyond the one prepared ahead. Default 4.
    pub wal_spare_segments: u32,
    /// Space set aside so that rollback and checkpoints go on when the disk is full; 0 for none.
    /// Default 32 MiB.
    pub ballast_bytes: u64,
    /// Write every page twice against torn writes. Off only where the file system promises untorn
    /// 16 KiB writes. Default on.
    pub double_write: bool,
    /// Test mode: apply each record to a copy as well and compare.
    pub check_apply: bool,
    /// Files of pages open at once; more are opened and closed in turn. Default 512.
    pub open_files_max: usize,
    /// Which clean frame gives way; see [`PolicyKind`].
    pub eviction_policy: PolicyKind,
    /// Run without the writer, flusher and segment threads: the caller drives. For tests that count
    /// writes. Default false.
    pub no_threads: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            buffer_pool_bytes: 64 << 20,
            buffer_pool_max_bytes: 0,
            sync: SyncMode::Full,
            wal_segment_bytes: 16 << 20,
            wal_ring_bytes: 16 << 20,
            checkpoint_interval: Duration::from_secs(300),
            checkpoint_bytes: 1 << 30,
            wal_spare_segments: 4,
            ballast_bytes: 32 << 20,
            double_write: true,
            check_apply: false,
            open_files_max: 512,
            eviction_policy: PolicyKind::default(),
            no_threads: false,
        }
    }
}
