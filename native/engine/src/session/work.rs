//! What a session is asked to do, and how far it has come.
//!
//! The owner of the session keeps the [`Work`] and calls [`super::Session::run`] until it is done; a
//! call does one piece and says why it came back. Nothing of a piece that answered
//! [`Progress::Aside`] has had an effect.

use std::collections::VecDeque;
use std::sync::Arc;

use common::{Error, err, sqlstate};
use parser::ParsedStatement;
use storage::Ticket;

use super::copy_in::CopyIn;
use super::once::Once;
use super::portal::Running;

/// Where a piece of work runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On a front thread: nothing may be waited for.
    Inline,
    /// On a worker.
    Aside,
}

/// Why [`super::Session::run`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Done,
    /// The sink is full: run again when it has room.
    Full,
    /// Its time is up: run again in the next tick.
    More,
    /// The next piece may wait: run it with [`Mode::Aside`].
    Aside,
    /// COPY data is needed: give it to the work, then run again.
    CopyIn,
    /// A commit is on its way: run again when the ticket is published.
    Commit(Ticket),
}

/// See the module.
pub struct Work {
    pub(super) kind: Kind,
    /// What runs right now.
    pub(super) running: Option<Running>,
    /// A commit was begun; this is what its end is followed by.
    pub(super) after_commit: Option<AfterCommit>,
}

pub(super) enum Kind {
    /// A text of any number of statements, in one implicit transaction.
    Simple {
        text: Arc<str>,
        statements: Option<VecDeque<ParsedStatement>>,
        count: usize,
    },
    /// One portal, up to a number of rows (0: all).
    Execute {
        portal: String,
        rows_left: Option<u64>,
        started: bool,
    },
    /// One statement, and the end of its implicit transaction.
    Once(Once),
    /// The end of a pipeline: an implicit transaction commits.
    Sync,
}

pub(super) enum AfterCommit {
    /// Tell the client this tag.
    Tag(String),
    Nothing,
    /// COMMIT AND CHAIN.
    Chain(txn::BeginOptions),
}

impl Work {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            running: None,
            after_commit: None,
        }
    }

    fn copy(&mut self) -> Option<&mut CopyIn> {
        match &mut self.running {
            Some(Running::CopyIn(copy)) => Some(copy),
            _ => None,
        }
    }

    /// Bytes of the COPY that runs.
    pub fn copy_data(&mut self, data: &[u8]) {
        if let Some(copy) = self.copy() {
            copy.push(data);
        }
    }

    /// The COPY's data is complete.
    pub fn copy_done(&mut self) {
        if let Some(copy) = self.copy() {
            copy.end();
        }
    }

    /// The client gives the COPY up.
    pub fn copy_fail(&mut self, reason: &str) {
        self.copy_abort(err!(
            sqlstate::QUERY_CANCELED,
            "COPY from stdin failed: {reason}"
        ));
    }

    /// The COPY cannot go on.
    pub fn copy_abort(&mut self, error: Error) {
        if let Some(copy) = self.copy() {
            copy.fail(error);
        }
    }
}
