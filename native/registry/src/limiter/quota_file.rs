//! The file of quotas: what the counts of each client have been promised up to.
//!
//! A header with the secret of the keys, then slots of 32 bytes, each with its checksum; all numbers
//! little-endian. Invariants: a slot is written whole, within one sector; one that is damaged is
//! forgotten, a damaged header forgets all. The file is made when there is something to write: opening
//! writes nothing, and works on a full disk.

use std::io;
use std::sync::Arc;

use common::rt::Mutex;
use common::vfs::{File, OpenMode, Vfs};
use common::{Error, Result};

use super::key_hash::Secret;

pub const FOLDER: &str = "limits";
const NAME: &str = "limits/quotas";
const MAGIC: &[u8; 8] = b"RDBQUOT1";
const HEADER_BYTES: usize = 32;
const SLOT_BYTES: usize = 32;
/// Slots that are read at a time.
const READ_SLOTS: usize = 4096;

/// What a slot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub key: u128,
    pub period: u32,
    pub promised: u64,
}

pub struct QuotaFile {
    vfs: Mutex<Arc<dyn Vfs>>,
    /// None until something is written.
    file: Mutex<Option<Arc<dyn File>>>,
    secret: Secret,
}

impl std::fmt::Debug for QuotaFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QuotaFile")
    }
}

fn failed(error: io::Error) -> Error {
    Error::io(format_args!("could not access file \"{NAME}\""), &error)
}

impl Kept {
    fn encode(self) -> [u8; SLOT_BYTES] {
        let mut slot = [0; SLOT_BYTES];
        slot[..16].copy_from_slice(&self.key.to_le_bytes());
        slot[16..20].copy_from_slice(&self.period.to_le_bytes());
        slot[20..28].copy_from_slice(&self.promised.to_le_bytes());
        let crc = crc32c::crc32c(&slot[..28]);
        slot[28..].copy_from_slice(&crc.to_le_bytes());
        slot
    }

    /// None of an empty slot, and of a damaged one.
    fn decode(slot: &[u8; SLOT_BYTES]) -> Option<Self> {
        let (body, crc) = slot.split_last_chunk::<4>()?;
        let (key, rest) = body.split_first_chunk::<16>()?;
        let (period, promised) = rest.split_first_chunk::<4>()?;
        let kept = Self {
            key: u128::from_le_bytes(*key),
            period: u32::from_le_bytes(*period),
            promised: u64::from_le_bytes(*promised.first_chunk()?),
        };
        let is_good = crc32c::crc32c(body) == u32::from_le_bytes(*crc);
        (is_good && kept.key != 0).then_some(kept)
    }
}

fn header_of(Secret([one, other]): Secret) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..16].copy_from_slice(&one.to_le_bytes());
    header[16..24].copy_from_slice(&other.to_le_bytes());
    let crc = crc32c::crc32c(&header[..24]);
    header[24..28].copy_from_slice(&crc.to_le_bytes());
    header
}

impl QuotaFile {
    /// Opens the file; gives what each slot of it says.
    pub fn open(vfs: &Arc<dyn Vfs>) -> Result<(Self, Vec<Option<Kept>>)> {
        let (file, secret, kept) = match vfs.open(NAME, OpenMode::Existing, false) {
            Ok(file) => match read(file.as_ref()).map_err(failed)? {
                Some((secret, kept)) => (Some(file), secret, kept),
                None => (None, Secret::random(), Vec::new()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (None, Secret::random(), Vec::new())
            }
            Err(error) => return Err(failed(error)),
        };
        let opened = Self {
            vfs: Mutex::new(vfs.clone()),
            file: Mutex::new(file),
            secret,
        };
        Ok((opened, kept))
    }

    pub fn secret(&self) -> Secret {
        self.secret
    }

    pub fn write(&self, slot: u32, kept: Kept) -> Result<()> {
        let mut open = self.file.lock();
        let file = match &*open {
            Some(file) => file,
            None => {
                let new = create(&**self.vfs.lock(), self.secret).map_err(failed)?;
                open.insert(new)
            }
        };
        let offset = HEADER_BYTES as u64 + u64::from(slot) * SLOT_BYTES as u64;
        file.write_at(&kept.encode(), offset).map_err(failed)
    }

    pub fn sync(&self) -> Result<()> {
        // Held no longer than the copy takes: writers do not wait for the disk.
        let file = self.file.lock().clone();
        file.map_or(Ok(()), |file| file.sync().map_err(failed))
    }
}

fn create(vfs: &dyn Vfs, secret: Secret) -> io::Result<Arc<dyn File>> {
    vfs.create_dir(FOLDER)?;
    let file = vfs.open(NAME, OpenMode::Create, false)?;
    file.set_size_bytes(0)?;
    file.write_at(&header_of(secret), 0)?;
    vfs.sync_dir(FOLDER)?;
    vfs.sync_dir("")?;
    Ok(file)
}

/// None where the header is damaged: then no key means anything.
fn read(file: &dyn File) -> io::Result<Option<(Secret, Vec<Option<Kept>>)>> {
    let size = file.size_bytes()? as usize;
    let mut header = [0; HEADER_BYTES];
    if size < HEADER_BYTES {
        return Ok(None);
    }
    file.read_at(&mut header, 0)?;
    let (words, _) = header.as_chunks::<8>();
    let secret = Secret([u64::from_le_bytes(words[1]), u64::from_le_bytes(words[2])]);
    if header_of(secret) != header {
        return Ok(None);
    }
    let mut kept = Vec::new();
    let mut at = HEADER_BYTES;
    let mut buffer = vec![0; READ_SLOTS * SLOT_BYTES];
    while at + SLOT_BYTES <= size {
        let bytes = (size - at).min(buffer.len()) / SLOT_BYTES * SLOT_BYTES;
        file.read_at(&mut buffer[..bytes], at as u64)?;
        let (slots, _) = buffer[..bytes].as_chunks::<SLOT_BYTES>();
        kept.extend(slots.iter().map(Kept::decode));
        at += bytes;
    }
    Ok(Some((secret, kept)))
}
