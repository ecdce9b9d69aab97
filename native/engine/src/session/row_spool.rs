//! Rows in the order they came, to be read from anywhere: in memory up to a budget, in a temporary
//! file beyond it (PostgreSQL's tuplestore).

use common::{Error, Result};
use sql::access::TempFile;
use sql::executor::{read_batch, write_batch};
use types::{BATCH_ROWS, Batch};

use crate::store::TempFiles;

/// Rows are put away when so many bytes of them are there.
const CHUNK_BYTES: usize = 64 * 1024;

/// See the module.
pub struct RowSpool {
    budget_bytes: usize,
    chunks: Vec<Chunk>,
    /// Rows of all chunks.
    put_away: u64,
    /// The newest rows.
    tail: Batch,
    memory_bytes: usize,
    file: Option<Box<dyn TempFile>>,
    file_bytes: u64,
    /// The chunk of the file that was read last.
    loaded: Option<(usize, Batch)>,
    buffer: Vec<u8>,
}

struct Chunk {
    /// The number of its first row.
    first: u64,
    place: Place,
}

enum Place {
    Memory(Batch),
    File { offset: u64, size: u32 },
}

impl RowSpool {
    /// Holds up to about `budget_bytes` in memory.
    pub fn new(budget_bytes: usize) -> Self {
        Self {
            budget_bytes,
            chunks: Vec::new(),
            put_away: 0,
            tail: Batch::default(),
            memory_bytes: 0,
            file: None,
            file_bytes: 0,
            loaded: None,
            buffer: Vec::new(),
        }
    }

    pub fn rows(&self) -> u64 {
        self.put_away + self.tail.len as u64
    }

    /// Bytes in memory, about.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes + self.tail.memory_bytes()
    }

    /// Adds rows at the end; 53100 when the disk is full.
    pub fn append(&mut self, batch: Batch, files: &TempFiles) -> Result<()> {
        if batch.len == 0 {
            return Ok(());
        }
        if self.tail.len > 0 && self.tail.len + batch.len > BATCH_ROWS {
            self.put_away(files)?;
        }
        if self.tail.len == 0 {
            self.tail = batch;
        } else {
            self.tail.append_all(&batch);
        }
        match self.tail.memory_bytes() >= CHUNK_BYTES {
            true => self.put_away(files),
            false => Ok(()),
        }
    }

    fn put_away(&mut self, files: &TempFiles) -> Result<()> {
        let batch = std::mem::take(&mut self.tail);
        let (first, bytes) = (self.put_away, batch.memory_bytes());
        self.put_away += batch.len as u64;
        if self.file.is_none() && self.memory_bytes + bytes <= self.budget_bytes {
            self.memory_bytes += bytes;
            let place = Place::Memory(batch);
            self.chunks.push(Chunk { first, place });
            return Ok(());
        }
        self.buffer.clear();
        write_batch(&batch, &mut self.buffer);
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(files.create()?),
        };
        file.append(&self.buffer)?;
        let place = Place::File {
            offset: self.file_bytes,
            size: self.buffer.len() as u32,
        };
        self.file_bytes += self.buffer.len() as u64;
        self.chunks.push(Chunk { first, place });
        Ok(())
    }

    /// The rows around row `row`, counted from 0, and its place among them. It must be there.
    pub fn read(&mut self, row: u64) -> Result<(&Batch, usize)> {
        if row >= self.put_away {
            return Ok((&self.tail, (row - self.put_away) as usize));
        }
        let at = self.chunks.partition_point(|chunk| chunk.first <= row);
        let at = at.checked_sub(1);
        let at = at.ok_or_else(|| Error::internal("the first row is of a chunk"))?;
        let chunk = &self.chunks[at];
        let offset_in_chunk = (row - chunk.first) as usize;
        match &chunk.place {
            Place::Memory(batch) => Ok((batch, offset_in_chunk)),
            Place::File { offset, size } => {
                if self.loaded.as_ref().is_none_or(|(loaded, _)| *loaded != at) {
                    let file = self.file.as_ref();
                    let file = file.ok_or_else(|| Error::internal("the rows have a file"))?;
                    self.buffer.resize(*size as usize, 0);
                    file.read_at(&mut self.buffer, *offset)?;
                    self.loaded = Some((at, read_batch(&self.buffer)?));
                }
                let loaded = self.loaded.as_ref();
                let (_, batch) = loaded.ok_or_else(|| Error::internal("it was just read"))?;
                Ok((batch, offset_in_chunk))
            }
        }
    }
}
