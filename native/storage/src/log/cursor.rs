//! Following the log while it grows.

use std::sync::Arc;

use common::{Error, Lsn, Result, sqlstate};

use super::append::Log;
use super::reader::LogReader;
use crate::hooks::RecoveredRecord;

/// A position in the log of an open storage.
pub struct LogCursor<'s> {
    log: &'s Log,
    reader: LogReader,
}

impl<'s> LogCursor<'s> {
    pub(crate) fn new(log: &'s Log, from: Lsn) -> Self {
        Self {
            log,
            reader: LogReader::new(Arc::clone(log.segments()), log.identity(), from),
        }
    }

    /// Where the next record starts or will start.
    pub fn position(&self) -> Lsn {
        self.reader.position()
    }

    /// The next record; None while it is not durable: ask again later. 58P01 when its segment is
    /// gone.
    pub fn next_record(&mut self) -> Result<Option<RecoveredRecord<'_>>> {
        let at = self.reader.position();
        if at.0 >= self.log.durable() {
            return Ok(None);
        }
        if self.reader.peek()? {
            return self.reader.next_record();
        }
        // The segment in memory is older than the record.
        self.reader.forget_segment();
        if self.reader.peek()? {
            return self.reader.next_record();
        }
        let size = self.log.segments().size_bytes();
        if at.0 / size < self.log.segments().first() {
            return Err(Error::new(
                sqlstate::UNDEFINED_FILE,
                format!("the log segment with position {at} has already been removed"),
            ));
        }
        Err(Error::corrupted(format!("there is no log record at {at}")))
    }
}
