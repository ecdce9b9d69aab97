//! Reads a function's arguments. The binder has checked their number and types.

use common::ObjectId;
use types::Datum;

/// The arguments of one call.
#[derive(Clone, Copy)]
pub struct Arguments<'a>(pub &'a [Datum]);

impl<'a> Arguments<'a> {
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// An oid or reg* value; 0 where there is none.
    pub fn oid(self, at: usize) -> ObjectId {
        ObjectId(
            self.0
                .get(at)
                .and_then(|arg| arg.as_ref().as_oid())
                .unwrap_or(0),
        )
    }

    pub fn text(self, at: usize) -> &'a str {
        self.0
            .get(at)
            .and_then(|arg| arg.as_ref().as_str())
            .unwrap_or("")
    }

    pub fn is_text(self, at: usize) -> bool {
        self.0
            .get(at)
            .is_some_and(|arg| arg.as_ref().as_bytes().is_some())
    }

    /// An integer; None for NULL.
    pub fn integer(self, at: usize) -> Option<i64> {
        self.0.get(at).and_then(|arg| arg.as_ref().as_i64())
    }

    pub fn flag(self, at: usize) -> bool {
        self.0
            .get(at)
            .and_then(|arg| arg.as_ref().as_bool())
            .unwrap_or(false)
    }
}

/// A text, or NULL.
pub fn text_or_null(value: Option<impl AsRef<str>>) -> Datum {
    value.map_or(Datum::Null, |value| Datum::text(value.as_ref()))
}
