//! Whether this process may still write and acknowledge.
//!
//! It only gets worse. After a failed write or sync of log or data nothing more is written or
//! acknowledged, for nobody knows what the disk has; reads go on. After a panic or error in the
//! middle of applying a record pages in memory may be half changed: nothing is read either. Both
//! end with the process: to open again is to recover.

use std::sync::atomic::{AtomicU8, Ordering};

use common::rt::Mutex;
use common::{Error, Result};

const GOOD: u8 = 0;
const READ_ONLY: u8 = 1;
const BROKEN: u8 = 2;

#[derive(Debug, Default)]
pub struct Health {
    state: AtomicU8,
    cause: Mutex<Option<Error>>,
}

impl Health {
    #[inline]
    pub fn is_good(&self) -> bool {
        self.state.load(Ordering::Acquire) == GOOD
    }

    #[inline]
    pub fn is_broken(&self) -> bool {
        self.state.load(Ordering::Acquire) == BROKEN
    }

    /// Ok while writes are accepted.
    #[inline]
    pub fn check_writes(&self) -> Result<()> {
        if self.is_good() {
            return Ok(());
        }
        Err(self.error())
    }

    /// Ok while pages may be read.
    #[inline]
    pub fn check_reads(&self) -> Result<()> {
        if self.is_broken() {
            return Err(self.error());
        }
        Ok(())
    }

    /// A write or sync failed. Answers the error that callers get from now on.
    #[cold]
    pub fn fail_writes(&self, cause: Error) -> Error {
        self.worsen(READ_ONLY, cause)
    }

    /// Memory may be half changed.
    #[cold]
    pub fn break_engine(&self, cause: Error) -> Error {
        self.worsen(BROKEN, cause)
    }

    fn worsen(&self, state: u8, cause: Error) -> Error {
        self.cause.lock().get_or_insert(cause);
        self.state.fetch_max(state, Ordering::AcqRel);
        self.error()
    }

    #[cold]
    fn error(&self) -> Error {
        let cause = self.cause.lock();
        let Some(cause) = &*cause else {
            return Error::internal("the engine is closed");
        };
        Error::new(
            cause.state(),
            "the database accepts no more writes since one has failed",
        )
        .with_detail(cause.to_string())
        .with_hint("Restart the server; it recovers from its log.")
    }
}
