//! `control`: where recovery starts.
//!
//! Two copies, 16 KiB apart, written in turn; the valid one with the greater sequence number counts.
//! Magic and format version come first and keep their place in every format, so that a newer one is
//! recognised and refused whatever else it changed.

use std::sync::Arc;

use common::limits::PAGE_SIZE;
use common::vfs::{File, OpenMode, Vfs};
use common::{Error, Lsn, Result, sqlstate};

use crate::log::record::{u32_at, u64_at};
use crate::pool::Arena;

const MAGIC: &[u8; 8] = b"RUSTYDB\0";
/// Of all files of the storage; higher ones are refused.
pub const FORMAT_VERSION: u32 = 1;
const COPY_BYTES: usize = 4096;
const COPY_DISTANCE: u64 = PAGE_SIZE as u64;
const USED_BYTES: usize = 80;
const NAME: &str = "control";

/// What `control` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    pub sequence: u64,
    /// Tells this database's log from others'.
    pub identity: u32,
    pub wal_segment_bytes: u64,
    /// The last complete checkpoint's begin record; 0 before the first.
    pub checkpoint: Lsn,
    /// Redo starts here.
    pub redo: Lsn,
    /// The active set is rebuilt from here, see `Log::published_floor`.
    pub active_from: Lsn,
    /// The log reaches at least here.
    pub log_end: Lsn,
}

/// The open file.
pub struct ControlFile {
    file: Arc<dyn File>,
    buffer: Arena,
}

impl ControlFile {
    /// None when the directory is new: there is no file or it was never written whole.
    pub fn open(vfs: &dyn Vfs) -> Result<Option<(Self, Control)>> {
        let file = match vfs.open(NAME, OpenMode::Existing, false) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(could_not("open", &error)),
        };
        let mut newest: Option<Control> = None;
        let mut is_blank = true;
        for copy in 0..2 {
            let mut bytes = [0; COPY_BYTES];
            match file.read_at(&mut bytes, copy * COPY_DISTANCE) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => continue,
                Err(error) => return Err(could_not("read", &error)),
            }
            is_blank &= bytes.iter().all(|b| *b == 0);
            if let Some(control) = decode(&bytes)?
                && newest.is_none_or(|n| n.sequence < control.sequence)
            {
                newest = Some(control);
            }
        }
        match newest {
            Some(control) => Ok(Some((Self::with(file)?, control))),
            None if is_blank => Ok(None),
            None => Err(Error::corrupted(
                "both copies of the control file are damaged",
            )),
        }
    }

    pub fn create(vfs: &dyn Vfs) -> Result<Self> {
        let file = vfs
            .open(NAME, OpenMode::Create, false)
            .map_err(|error| could_not("create", &error))?;
        Self::with(file)
    }

    fn with(file: Arc<dyn File>) -> Result<Self> {
        let buffer = Arena::committed(COPY_BYTES)
            .map_err(|error| Error::io("could not allocate memory", &error))?;
        Ok(Self { file, buffer })
    }

    /// Writes the copy whose turn it is, durably.
    pub fn write(&self, control: &Control) -> Result<()> {
        // SAFETY: this file's own memory; its one user holds the writer's mutex.
        let bytes = unsafe { self.buffer.slice_mut(0, COPY_BYTES) };
        encode(control, bytes);
        let offset = control.sequence % 2 * COPY_DISTANCE;
        let result = self.file.write_at(bytes, offset);
        result
            .and_then(|()| self.file.sync())
            .map_err(|error| could_not("write", &error))
    }
}

fn could_not(what: &str, error: &std::io::Error) -> Error {
    Error::io(format!("could not {what} file \"{NAME}\""), error)
}

fn encode(control: &Control, out: &mut [u8]) {
    out.fill(0);
    out[..8].copy_from_slice(MAGIC);
    out[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&(PAGE_SIZE as u32).to_le_bytes());
    out[16..20].copy_from_slice(&control.identity.to_le_bytes());
    let numbers = [
        control.sequence,
        control.wal_segment_bytes,
        control.checkpoint.0,
        control.redo.0,
        control.active_from.0,
        control.log_end.0,
    ];
    for (number, field) in numbers.iter().zip(out[24..].chunks_exact_mut(8)) {
        field.copy_from_slice(&number.to_le_bytes());
    }
    let crc = crc32c::crc32c(&out[..USED_BYTES]);
    out[USED_BYTES..USED_BYTES + 4].copy_from_slice(&crc.to_le_bytes());
}

/// None for a copy that was never written or is damaged.
fn decode(bytes: &[u8]) -> Result<Option<Control>> {
    if &bytes[..8] != MAGIC {
        return Ok(None);
    }
    let version = u32_at(bytes, 8);
    if version > FORMAT_VERSION {
        return Err(incompatible(format!(
            "The data directory was written in format {version}, this server knows formats up to \
             {FORMAT_VERSION}."
        )));
    }
    if crc32c::crc32c(&bytes[..USED_BYTES]) != u32_at(bytes, USED_BYTES) {
        return Ok(None);
    }
    if u32_at(bytes, 12) as usize != PAGE_SIZE {
        return Err(incompatible(format!(
            "The data directory has pages of {} bytes, this server of {PAGE_SIZE}.",
            u32_at(bytes, 12)
        )));
    }
    Ok(Some(Control {
        sequence: u64_at(bytes, 24),
        identity: u32_at(bytes, 16),
        wal_segment_bytes: u64_at(bytes, 32),
        checkpoint: Lsn(u64_at(bytes, 40)),
        redo: Lsn(u64_at(bytes, 48)),
        active_from: Lsn(u64_at(bytes, 56)),
        log_end: Lsn(u64_at(bytes, 64)),
    }))
}

fn incompatible(detail: String) -> Error {
    Error::new(
        sqlstate::FEATURE_NOT_SUPPORTED,
        "database files are incompatible with server",
    )
    .with_detail(detail)
    .with_hint("Start the version of the server that wrote them, or a newer one.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vfs_mem::MemVfs;

    fn control(sequence: u64) -> Control {
        Control {
            sequence,
            identity: 77,
            wal_segment_bytes: 1 << 20,
            checkpoint: Lsn(5),
            redo: Lsn(6),
            active_from: Lsn(7),
            log_end: Lsn(8),
        }
    }

    #[test]
    fn the_newest_whole_copy_counts() {
        let vfs = MemVfs::new();
        assert!(ControlFile::open(&vfs).expect("readable").is_none());
        let file = ControlFile::create(&vfs).expect("created");
        for sequence in 1..=3 {
            file.write(&control(sequence)).expect("written");
            let (_, read) = ControlFile::open(&vfs).expect("readable").expect("there");
            assert_eq!(read, control(sequence));
        }
        // A torn write of copy 3 leaves copy 2.
        let raw = vfs.open(NAME, OpenMode::Existing, false).expect("there");
        raw.write_at(&[9], COPY_DISTANCE + 30).expect("written");
        let (_, read) = ControlFile::open(&vfs).expect("readable").expect("there");
        assert_eq!(read, control(2));
        raw.write_at(&[9], 30).expect("written");
        assert!(ControlFile::open(&vfs).is_err());
    }
}
