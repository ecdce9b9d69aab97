//! Texts of statements that a thread of JavaScript sends again and again: kept here, so that a number
//! crosses in their place.

use std::cell::RefCell;
use std::sync::Arc;

use common::{Result, bail, sqlstate};
use napi_derive::napi;

use crate::guard::{Code, guard};

/// Texts that a thread keeps, to its end; those beyond go as text.
const TEXTS_MAX: usize = 1024;

thread_local! {
    static TEXTS: RefCell<Vec<Arc<str>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the text of a statement; gives the number that `direct_begin` takes in its place, 0 where
/// this thread has too many.
#[napi]
pub fn direct_text(sql: String) -> Result<u32, napi::Error<Code>> {
    guard(|| {
        TEXTS.with(|texts| {
            let mut texts = texts.borrow_mut();
            if texts.len() >= TEXTS_MAX {
                return Ok(0);
            }
            texts.push(sql.into());
            Ok(texts.len() as u32)
        })
    })
}

/// The text of a number that [`direct_text`] gave on this thread.
pub fn text(number: u32) -> Result<Arc<str>> {
    TEXTS.with(|texts| {
        let at = (number as usize).wrapping_sub(1);
        match texts.borrow().get(at) {
            Some(text) => Ok(text.clone()),
            None => bail!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the statement's text is not kept"
            ),
        }
    })
}
