//! The file of quotas: what the counts of each client have been promised up to.
//!
//! A header with the secret of the keys, then slots of 32 bytes, each with its checksum; all numbers
//! little-endian. Invariant: a slot is written whole, within one sector; one that is damaged is
//! forgotten. Opening writes the file anew with what still counts.

use std::io;
use std::sync::Arc;

use common::vfs::{File, OpenMode, Vfs};
use common::{Error, Result};

use super::key_hash::Secret;

pub const FOLDER: &str = "limits";
const NAME: &str = "limits/quotas";
const NEW_NAME: &str = "limits/quotas.new";
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

pub struct QuotaFile(Arc<dyn File>);

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
    /// The file, with what `counts` of the old one in its first slots.
    pub fn open(
        vfs: &Arc<dyn Vfs>,
        counts: impl Fn(&Kept) -> bool,
    ) -> Result<(Self, Secret, Vec<Kept>)> {
        vfs.create_dir(FOLDER).map_err(failed)?;
        let (secret, kept) = match vfs.open(NAME, OpenMode::Existing, false) {
            Ok(old) => read(old.as_ref(), counts).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => (None, Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let secret = secret.unwrap_or_else(Secret::random);
        let file = write_new(vfs, secret, &kept).map_err(failed)?;
        Ok((Self(file), secret, kept))
    }

    pub fn write(&self, slot: u32, kept: Kept) -> Result<()> {
        let offset = HEADER_BYTES as u64 + u64::from(slot) * SLOT_BYTES as u64;
        self.0.write_at(&kept.encode(), offset).map_err(failed)
    }

    pub fn sync(&self) -> Result<()> {
        self.0.sync().map_err(failed)
    }
}

fn write_new(vfs: &Arc<dyn Vfs>, secret: Secret, kept: &[Kept]) -> io::Result<Arc<dyn File>> {
    let file = vfs.open(NEW_NAME, OpenMode::Create, false)?;
    file.set_size_bytes(0)?;
    let mut bytes = header_of(secret).to_vec();
    bytes.extend(kept.iter().flat_map(|kept| kept.encode()));
    file.write_at(&bytes, 0)?;
    file.sync()?;
    vfs.rename(NEW_NAME, NAME)?;
    vfs.sync_dir(FOLDER)?;
    Ok(file)
}

/// No secret where the header is damaged: then no key means anything.
fn read(
    file: &dyn File,
    counts: impl Fn(&Kept) -> bool,
) -> io::Result<(Option<Secret>, Vec<Kept>)> {
    let size = file.size_bytes()? as usize;
    let mut header = [0; HEADER_BYTES];
    if size < HEADER_BYTES {
        return Ok((None, Vec::new()));
    }
    file.read_at(&mut header, 0)?;
    let (words, _) = header.as_chunks::<8>();
    let secret = Secret([u64::from_le_bytes(words[1]), u64::from_le_bytes(words[2])]);
    if header_of(secret) != header {
        return Ok((None, Vec::new()));
    }
    let mut kept = Vec::new();
    let mut at = HEADER_BYTES;
    let mut buffer = vec![0; READ_SLOTS * SLOT_BYTES];
    while at + SLOT_BYTES <= size {
        let bytes = (size - at).min(buffer.len()) / SLOT_BYTES * SLOT_BYTES;
        file.read_at(&mut buffer[..bytes], at as u64)?;
        let (slots, _) = buffer[..bytes].as_chunks::<SLOT_BYTES>();
        kept.extend(slots.iter().filter_map(Kept::decode).filter(&counts));
        at += bytes;
    }
    Ok((Some(secret), kept))
}
