//! Lines that a COPY leaves out (ON_ERROR ignore): counted, told, bounded.

use common::{Error, Result, SqlError, bail, sqlstate};

use super::notice::{NoticeLevel, Notices};
use crate::copy::{CopyOptions, OnError};

/// See the module.
pub struct Rejects {
    ignores: bool,
    limit: Option<u64>,
    is_verbose: bool,
    count: u64,
    notices: Notices,
}

impl Rejects {
    pub fn new(options: &CopyOptions, notices: Notices) -> Self {
        Self {
            ignores: options.on_error == OnError::Ignore,
            limit: options.reject_limit,
            is_verbose: options.is_verbose,
            count: 0,
            notices,
        }
    }

    /// Whether faulty lines are left out at all.
    pub fn ignores(&self) -> bool {
        self.ignores
    }

    /// Whether the fault lies in one line: what is wrong with its text, its values, or against a
    /// constraint. All else ends the COPY.
    pub fn covers(&self, error: &Error) -> bool {
        let state = error.state();
        let class = &state.as_str()[..2];
        self.ignores
            && !self.is_over()
            && (matches!(class, "22" | "23") || state == sqlstate::PROGRAM_LIMIT_EXCEEDED)
    }

    /// Leaves a line out for this reason; 22P02 when that are too many.
    pub fn reject(&mut self, error: Error) -> Result<()> {
        self.count += 1;
        if self.is_verbose {
            self.notices.push(NoticeLevel::Notice, *error.into_sql());
        }
        if let Some(limit) = self.limit
            && self.is_over()
        {
            bail!(
                sqlstate::INVALID_TEXT_REPRESENTATION,
                "skipped more than REJECT_LIMIT ({limit}) rows"
            );
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| self.count > limit)
    }

    /// Tells how many lines were left out.
    pub fn finish(&self) {
        let message = match self.count {
            0 => return,
            1 => "1 row was skipped due to errors".to_owned(),
            count => format!("{count} rows were skipped due to errors"),
        };
        let notice = SqlError {
            state: sqlstate::SUCCESSFUL_COMPLETION,
            message,
            ..SqlError::default()
        };
        self.notices.push(NoticeLevel::Notice, notice);
    }
}
