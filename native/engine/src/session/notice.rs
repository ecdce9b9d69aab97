//! Messages to the client that are not errors.

use std::sync::Arc;

use common::SqlError;
use common::rt::Mutex;
use sql::binder::Severity;

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    Warning,
    Notice,
    Info,
}

/// The most notices that wait for a client; later ones are dropped, as a client that asks for a
/// million of them is not helped by them.
const NOTICES_MAX: usize = 1000;

/// Notices of a session that were not sent yet; shared with the functions of its statements.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<Vec<(NoticeLevel, SqlError)>>>);

impl Notices {
    pub fn push(&self, level: NoticeLevel, notice: SqlError) {
        let mut waiting = self.0.lock();
        if waiting.len() < NOTICES_MAX {
            waiting.push((level, notice));
        }
    }

    /// What binding or analysing a statement had to say.
    pub fn push_all(&self, notices: &[sql::binder::Notice]) {
        for notice in notices {
            let level = match notice.severity {
                Severity::Notice => NoticeLevel::Notice,
                Severity::Warning => NoticeLevel::Warning,
            };
            let error = SqlError {
                state: notice.state,
                message: notice.message.clone(),
                detail: notice.detail.clone(),
                hint: notice.hint.clone(),
                ..SqlError::default()
            };
            self.push(level, error);
        }
    }

    pub fn warn(&self, state: common::SqlState, message: impl Into<String>) {
        let notice = SqlError {
            state,
            message: message.into(),
            ..SqlError::default()
        };
        self.push(NoticeLevel::Warning, notice);
    }

    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Takes back what came after the first `len`.
    pub fn truncate(&self, len: usize) {
        self.0.lock().truncate(len);
    }

    pub fn take(&self) -> Vec<(NoticeLevel, SqlError)> {
        std::mem::take(&mut *self.0.lock())
    }
}
