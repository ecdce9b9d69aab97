//! Opening a directory: making it, or recovering it (ARIES).
//!
//! 1. Pages with a bad checksum get their copy back from `dw`.
//! 2. The log is read from the redo point to the first record that is none: that is its end. On the
//!    way the transaction layer rebuilds the active set, from the position that the last checkpoint
//!    names; files whose fate is open are followed.
//! 3. Unless the last shutdown was clean, the segments that the last flush may have spanned are
//!    rewritten into fresh files up to the end, and later ones dropped: what was read may be in the
//!    kernel's cache only, and behind the end there may be whole records that must never come back.
//! 4. Redo: each record is applied to the pages that are older. Every page it names becomes dirty,
//!    applied or not: after a failed sync the kernel may show what the disk has lost.
//!
//! It may crash anywhere and start over: nothing that it reads is changed before a durable
//! replacement exists.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::rt::Mutex;
use common::vfs::Vfs;
use common::{Error, Lsn, Result, sqlstate};

use crate::ballast::Ballast;
use crate::control::{Control, ControlFile};
use crate::files::FileSet;
use crate::health::Health;
use crate::hooks::{CommitInfo, Hooks};
use crate::log::segments::{self, Segments};
use crate::log::{Log, LogConfig, LogReader, Publisher};
use crate::op_table::OpTable;
use crate::options::{Options, SyncMode};
use crate::pool::BufferPool;
use crate::read_ahead::ReadAhead;
use crate::statistics::Counters;
use crate::storage::{RecoveryInfo, Storage};
use crate::writer::{PageWriter, WriterSignal, double_write};

/// What both ways of opening start from.
pub(super) struct Opening {
    pub(super) vfs: Arc<dyn Vfs>,
    pub(super) options: Options,
    pub(super) ops: OpTable,
    pub(super) hooks: Arc<dyn Hooks>,
    pub(super) lock: Box<dyn Send + Sync>,
    pub(super) files: Arc<FileSet>,
}

/// Opens without starting threads.
pub fn open(
    vfs: Arc<dyn Vfs>,
    options: Options,
    ops: OpTable,
    hooks: Arc<dyn Hooks>,
) -> Result<(Storage, RecoveryInfo)> {
    let lock = vfs.lock("lock").map_err(|error| {
        if error.kind() != std::io::ErrorKind::WouldBlock {
            return Error::io("could not lock the data directory", &error);
        }
        Error::new(
            sqlstate::LOCK_FILE_EXISTS,
            "the data directory is in use by another server",
        )
        .with_detail(error.to_string())
    })?;
    let directory = |error| Error::io("could not open the data directory", &error);
    vfs.create_dir("wal").map_err(directory)?;
    let control = ControlFile::open(&*vfs)?;
    let files =
        Arc::new(FileSet::open(Arc::clone(&vfs), options.open_files_max).map_err(directory)?);
    let opening = Opening {
        vfs,
        options: checked(options)?,
        ops,
        hooks,
        lock,
        files,
    };
    match control {
        None => create(opening),
        Some((file, control)) => recover(opening, file, control),
    }
}

fn checked(mut options: Options) -> Result<Options> {
    let is_segment = options.wal_segment_bytes.is_power_of_two()
        && (64 << 10..=1 << 30).contains(&options.wal_segment_bytes);
    let is_ring = options.wal_ring_bytes.is_power_of_two() && options.wal_ring_bytes >= 64 << 10;
    if !is_segment || !is_ring {
        return Err(Error::new(
            sqlstate::INVALID_PARAMETER_VALUE,
            "log segments are powers of two from 64 KiB to 1 GiB, the log ring a power of two of \
             at least 64 KiB",
        ));
    }
    options.buffer_pool_max_bytes = options.buffer_pool_max_bytes.max(options.buffer_pool_bytes);
    Ok(options)
}

fn create(opening: Opening) -> Result<(Storage, RecoveryInfo)> {
    if !opening.files.ids().is_empty() {
        return Err(Error::corrupted(
            "the data directory has files but no control file",
        ));
    }
    let vfs = Arc::clone(&opening.vfs);
    let could_not = |error| Error::io("could not create the data directory", &error);
    let size = opening.options.wal_segment_bytes;
    // Position 0 stands for none: the log starts with segment 1.
    let segments = Segments::new(Arc::clone(&vfs), size, opening.uses_direct_log(), 1, 1);
    segments.remove_from(0).map_err(could_not)?;
    let segments = Segments::new(Arc::clone(&vfs), size, opening.uses_direct_log(), 1, 1);
    segments.prepare(1).map_err(could_not)?;
    let start = Lsn(size);
    let control = Control {
        sequence: 1,
        identity: common::rt::random_u64() as u32,
        wal_segment_bytes: size,
        checkpoint: Lsn(0),
        redo: start,
        active_from: start,
        log_end: start,
    };
    opening.hooks.recovery_begin(&[])?;
    let file = ControlFile::create(&*vfs)?;
    let storage = opening.build(file, control, segments, start)?;
    storage.writer.lock().control_file.write(&control)?;
    vfs.sync_dir("").map_err(could_not)?;
    storage.recovering.store(false, Ordering::Release);
    let info = RecoveryInfo {
        is_new: true,
        was_clean: true,
        redo: start,
        end: start,
        ..RecoveryInfo::default()
    };
    Ok((storage, info))
}

fn recover(
    opening: Opening,
    file: ControlFile,
    control: Control,
) -> Result<(Storage, RecoveryInfo)> {
    let restored_pages = double_write::restore(&*opening.vfs, &opening.files)?;
    let segments = Arc::new(opening.open_segments(&control)?);
    let analysis = opening.analyse(&control, &segments)?;
    let end = analysis.end;
    if !analysis.ends_in_checkpoint {
        rewrite_tail(&segments, &opening.options, &control, end)?;
    }
    drop(segments);
    let segments = opening.open_segments(&control)?;
    let storage = opening.build(file, control, segments, end)?;
    storage.files.raise_next(analysis.next_file);
    let records = storage.redo(&control, &analysis)?;
    storage.settle_files(&analysis)?;
    storage.recovering.store(false, Ordering::Release);
    let pending = &analysis.pending;
    let info = RecoveryInfo {
        is_new: false,
        was_clean: analysis.page_records == 0,
        redo: control.redo,
        end,
        records,
        restored_pages,
        unfinished: analysis.unfinished.into_iter().collect(),
        greatest_xid: analysis.greatest_xid,
        pending_files: pending
            .creates
            .iter()
            .flat_map(|(xid, files)| files.iter().map(|file| (*xid, *file)))
            .collect(),
    };
    Ok((storage, info))
}

/// Step 3.
fn rewrite_tail(
    segments: &Arc<Segments>,
    options: &Options,
    control: &Control,
    end: Lsn,
) -> Result<()> {
    let size = segments.size_bytes();
    let could_not = |error| Error::io("could not rewrite the end of the log", &error);
    let last = end.0 / size;
    // A flush is no longer than the ring and spans no more than two segments beyond that.
    let span = options.wal_ring_bytes.div_ceil(size).max(1) + 1;
    let first = last.saturating_sub(span).max(segments.first());
    let mut reader = LogReader::new(Arc::clone(segments), control.identity, end);
    for number in first..=last {
        let length = (end.0 - number * size).min(size) as usize;
        let prefix = match length {
            0 => &[],
            length => &reader.segment(number)?[..length],
        };
        segments.write_whole(number, prefix).map_err(could_not)?;
    }
    segments.remove_from(last + 1).map_err(could_not)
}

impl Opening {
    fn uses_direct_log(&self) -> bool {
        self.options.sync == SyncMode::Full
    }

    /// The segments from the one with the redo point on, as far as none is missing.
    fn open_segments(&self, control: &Control) -> Result<Segments> {
        let present = segments::list(&*self.vfs)
            .map_err(|error| Error::io("could not read the log's folder", &error))?;
        let needed = control.redo.0 / control.wal_segment_bytes;
        let is_present = |number: u64| present.binary_search(&number).is_ok();
        if !is_present(needed) {
            return Err(Error::corrupted(
                "the log segment that recovery starts from is missing",
            ));
        }
        let first = (0..=needed).rev().take_while(|n| is_present(*n)).last();
        let end = (needed..).find(|n| !is_present(*n));
        Ok(Segments::new(
            Arc::clone(&self.vfs),
            control.wal_segment_bytes,
            self.uses_direct_log(),
            first.unwrap_or(needed),
            end.unwrap_or(needed + 1),
        ))
    }

    fn build(
        self,
        control_file: ControlFile,
        control: Control,
        segments: Segments,
        tail: Lsn,
    ) -> Result<Storage> {
        let options = self.options;
        let health = Arc::new(Health::default());
        let files = Arc::clone(&self.files);
        let hooks = Arc::clone(&self.hooks);
        let publisher: Publisher = Box::new(move |group| {
            files.publish(&group);
            let ended: Vec<CommitInfo> = group.into_iter().map(|ended| ended.info).collect();
            hooks.publish(&ended);
        });
        let ballast = Ballast::new(Arc::clone(&self.vfs), options.ballast_bytes);
        ballast
            .hold()
            .map_err(|error| Error::io("could not write file \"ballast\"", &error))?;
        let ballast = Arc::new(ballast);
        let config = LogConfig {
            segments: Arc::new(segments),
            identity: control.identity,
            sync: options.sync,
            ring_bytes: options.wal_ring_bytes,
            tail: tail.0,
            prepares_inline: options.no_threads,
            ballast: Arc::clone(&ballast),
        };
        let log = Log::new(config, Arc::clone(&health), publisher)?;
        let pool = BufferPool::new(
            options.buffer_pool_bytes,
            options.buffer_pool_max_bytes,
            options.eviction_policy,
        )?;
        let area = double_write::open(&*self.vfs)?;
        let counters = Counters::default();
        counters.redo.store(control.redo.0, Ordering::Relaxed);
        Ok(Storage {
            uses_double_write: options.double_write && !self.vfs.has_atomic_pages(),
            ops: self.ops,
            hooks: self.hooks,
            health,
            pool,
            log,
            files: self.files,
            writer: Mutex::new(PageWriter::new(area, control_file, control)?),
            writer_signal: WriterSignal::default(),
            read_ahead: ReadAhead::default(),
            counters,
            ballast,
            recovering: AtomicBool::new(true),
            has_threads: AtomicBool::new(false),
            threads: Mutex::new(Vec::new()),
            log_keepers: Mutex::new(BTreeMap::new()),
            lock: Mutex::new(Some(self.lock)),
            options,
        })
    }
}
