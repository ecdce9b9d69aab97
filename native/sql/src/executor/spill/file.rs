//! Batches in a temporary file: written one after the other, then read in that order.

use common::Result;
use types::{BATCH_ROWS, Batch};

use super::format;
use crate::access::TempFile;
use crate::executor::context::Context;
use crate::executor::operator::Operator;

/// Rows are written when so many bytes of them are there.
const WRITE_BYTES: usize = 64 * 1024;

/// A file that is being written. Its memory is small and not counted.
#[derive(Default)]
pub struct SpillWriter {
    file: Option<Box<dyn TempFile>>,
    pending: Batch,
    buffer: Vec<u8>,
    rows: u64,
    bytes: u64,
}

impl SpillWriter {
    /// Appends rows; those of small batches are put together.
    pub fn append(&mut self, cx: &Context<'_>, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        self.rows += batch.len as u64;
        if !self.pending.is_empty() && self.pending.len + batch.len > BATCH_ROWS {
            self.write(cx)?;
        }
        if self.pending.is_empty() {
            self.pending = batch;
        } else {
            self.pending.append_all(&batch);
        }
        if self.pending.memory_bytes() >= WRITE_BYTES {
            self.write(cx)?;
        }
        Ok(())
    }

    fn write(&mut self, cx: &Context<'_>) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.buffer.clear();
        self.buffer.extend_from_slice(&[0; 4]);
        format::write(&self.pending, &mut self.buffer);
        let size = (self.buffer.len() - 4) as u32;
        self.buffer[..4].copy_from_slice(&size.to_le_bytes());
        self.pending = Batch::default();
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(cx.store.temp_file()?),
        };
        file.append(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        Ok(())
    }

    /// Ends the writing.
    pub fn finish(mut self, cx: &Context<'_>) -> Result<SpilledRows> {
        self.write(cx)?;
        Ok(SpilledRows {
            file: self.file,
            rows: self.rows,
            bytes: self.bytes,
        })
    }
}

/// A file that was written.
pub struct SpilledRows {
    file: Option<Box<dyn TempFile>>,
    rows: u64,
    bytes: u64,
}

impl SpilledRows {
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn disk_bytes(&self) -> u64 {
        self.bytes
    }

    pub fn into_reader(self) -> SpillReader {
        SpillReader {
            spilled: self,
            at: 0,
            buffer: Vec::new(),
        }
    }
}

/// Gives the rows of a file.
pub struct SpillReader {
    spilled: SpilledRows,
    at: u64,
    buffer: Vec<u8>,
}

impl SpillReader {
    /// Replaces `out` by the next batch; false at the end.
    pub fn read(&mut self, out: &mut Batch) -> Result<bool> {
        let Some(file) = self
            .spilled
            .file
            .as_ref()
            .filter(|_| self.at < self.spilled.bytes)
        else {
            out.clear();
            return Ok(false);
        };
        let mut size = [0; 4];
        file.read_at(&mut size, self.at)?;
        self.buffer.resize(u32::from_le_bytes(size) as usize, 0);
        file.read_at(&mut self.buffer, self.at + 4)?;
        self.at += 4 + self.buffer.len() as u64;
        *out = format::read(&self.buffer)?;
        Ok(true)
    }
}

impl Operator for SpillReader {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        cx.poll()?;
        self.read(out)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.at = 0;
        Ok(())
    }
}
