//! Messages to the client that are not errors.

use common::SqlError;
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

/// Notices of a session that were not sent yet.
#[derive(Debug, Default)]
pub struct Notices(Vec<(NoticeLevel, SqlError)>);

impl Notices {
    pub fn push(&mut self, level: NoticeLevel, notice: SqlError) {
        if self.0.len() < NOTICES_MAX {
            self.0.push((level, notice));
        }
    }

    /// What binding or analysing a statement had to say.
    pub fn push_all(&mut self, notices: &[sql::binder::Notice]) {
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

    pub fn warn(&mut self, state: common::SqlState, message: impl Into<String>) {
        let notice = SqlError {
            state,
            message: message.into(),
            ..SqlError::default()
        };
        self.push(NoticeLevel::Warning, notice);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes back what came after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub fn take(&mut self) -> Vec<(NoticeLevel, SqlError)> {
        std::mem::take(&mut self.0)
    }
}
