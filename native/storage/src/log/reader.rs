//! Reads records in order, from a position to the first that is not one.

use std::io;
use std::sync::Arc;

use common::{Error, Lsn, Result};

use super::record::{RECORD_HEADER_SIZE, claimed_length, parse};
use super::segments::Segments;
use crate::hooks::RecoveredRecord;

/// A position in the log and the segment around it, in memory.
pub struct LogReader {
    segments: Arc<Segments>,
    identity: u32,
    position: u64,
    /// Number of the segment in `segment`.
    loaded: Option<u64>,
    segment: Vec<u8>,
    record: Vec<u8>,
}

impl LogReader {
    pub fn new(segments: Arc<Segments>, identity: u32, from: Lsn) -> Self {
        let size = segments.size_bytes() as usize;
        Self {
            segments,
            identity,
            position: from.0,
            loaded: None,
            segment: vec![0; size],
            record: Vec::new(),
        }
    }

    /// Where the next record starts, or the log ends.
    pub fn position(&self) -> Lsn {
        Lsn(self.position)
    }

    /// The record at the position, which moves behind it; None at the end of the log.
    pub fn next_record(&mut self) -> Result<Option<RecoveredRecord<'_>>> {
        self.record.clear();
        if !self.take(RECORD_HEADER_SIZE)? {
            return Ok(None);
        }
        let Some(length) = claimed_length(&self.record) else {
            return Ok(None);
        };
        if !self.take(length)? {
            return Ok(None);
        }
        let record = parse(&self.record, self.position, self.identity);
        if let Some(record) = &record {
            self.position = record.end.0;
        }
        Ok(record)
    }

    /// Whether [`LogReader::next_record`] would answer one.
    pub fn peek(&mut self) -> Result<bool> {
        let at = self.position;
        let is_some = self.next_record()?.is_some();
        self.position = at;
        Ok(is_some)
    }

    /// The next read looks at the file again.
    pub fn forget_segment(&mut self) {
        self.loaded = None;
    }

    /// Extends `record` to `length` bytes; false when the log's files end before.
    fn take(&mut self, length: usize) -> Result<bool> {
        let size = self.segments.size_bytes();
        while self.record.len() < length {
            let at = self.position + self.record.len() as u64;
            let number = at / size;
            if self.loaded != Some(number) {
                self.loaded = None;
                match self.segments.read(number, &mut self.segment) {
                    Ok(()) => self.loaded = Some(number),
                    Err(error)
                        if matches!(
                            error.kind(),
                            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof
                        ) =>
                    {
                        return Ok(false);
                    }
                    Err(error) => return Err(Error::io("could not read the log", &error)),
                }
            }
            let start = (at % size) as usize;
            let end = self.segment.len().min(start + length - self.record.len());
            self.record.extend_from_slice(&self.segment[start..end]);
        }
        Ok(true)
    }

    /// The bytes of segment `number`, for rewriting it.
    pub fn segment(&mut self, number: u64) -> Result<&[u8]> {
        if self.loaded != Some(number) {
            self.loaded = None;
            self.segments
                .read(number, &mut self.segment)
                .map_err(|error| Error::io("could not read the log", &error))?;
            self.loaded = Some(number);
        }
        Ok(&self.segment)
    }
}
