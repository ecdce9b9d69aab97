//! Advisory locks.

use common::{Error, Result, sqlstate};
use txn::{AdvisoryKey, LockOutcome, LockWait};
use types::Datum;

use super::arguments::Arguments;
use crate::session::{Mode, SessionFacts};

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    let locks = facts.engine.txns().locks();
    let backend = &facts.handle.backend;
    let is_of_transaction = name.contains("_xact_");
    if facts.mode == Mode::Inline && !is_of_transaction {
        // What counts cannot be taken back, should the statement have to run again.
        return Err(Error::WouldBlock);
    }
    if name == "pg_advisory_unlock_all" {
        locks.unlock_advisory_all(backend);
        return Ok(void());
    }
    let key = key(args);
    let is_shared = name.ends_with("_shared");
    if name.starts_with("pg_advisory_unlock") {
        let was_held = locks.unlock_advisory_session(backend, key, is_shared);
        if !was_held {
            let mode = if is_shared {
                "ShareLock"
            } else {
                "ExclusiveLock"
            };
            facts.warn(
                sqlstate::WARNING,
                format!("you don't own a lock of type {mode}"),
            );
        }
        return Ok(Datum::Bool(was_held));
    }
    let is_try = name.starts_with("pg_try_");
    let is_inline = facts.mode == Mode::Inline;
    let wait = if is_try || is_inline {
        LockWait::Try
    } else {
        LockWait::Block
    };
    let outcome = match is_of_transaction {
        true => locks.lock_advisory(&mut facts.txn.lock(), key, is_shared, wait)?,
        false => locks.lock_advisory_session(backend, key, is_shared, wait)?,
    };
    match (is_try, outcome) {
        (true, outcome) => Ok(Datum::Bool(outcome != LockOutcome::NotAvailable)),
        // To be waited for elsewhere.
        (false, LockOutcome::NotAvailable) => Err(Error::WouldBlock),
        (false, _) => Ok(void()),
    }
}

/// The value of a function that returns void.
fn void() -> Datum {
    Datum::I32(0)
}

fn key(args: Arguments<'_>) -> AdvisoryKey {
    let number = |at| args.integer(at).unwrap_or(0);
    match args.len() {
        2 => AdvisoryKey::Pair(number(0) as i32, number(1) as i32),
        _ => AdvisoryKey::Big(number(0)),
    }
}
