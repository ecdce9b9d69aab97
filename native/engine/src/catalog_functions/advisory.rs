//! Advisory locks.

use common::{Error, Result};
use txn::{AdvisoryKey, LockOutcome, LockWait};
use types::Datum;

use super::arguments::Arguments;
use crate::session::{Mode, SessionFacts};

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    let locks = facts.engine.txns().locks();
    let backend = &facts.handle.backend;
    if name == "pg_advisory_unlock_all" {
        locks.unlock_advisory_all(backend);
        return Ok(void());
    }
    let key = key(args);
    let is_shared = name.ends_with("_shared");
    if name.starts_with("pg_advisory_unlock") {
        return Ok(Datum::Bool(
            locks.unlock_advisory_session(backend, key, is_shared),
        ));
    }
    let is_try = name.starts_with("pg_try_");
    let is_inline = facts.mode == Mode::Inline;
    let wait = if is_try || is_inline {
        LockWait::Try
    } else {
        LockWait::Block
    };
    let outcome = match name.contains("_xact_") {
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
    Datum::text("")
}

fn key(args: Arguments<'_>) -> AdvisoryKey {
    let number = |at| args.integer(at).unwrap_or(0);
    match args.len() {
        2 => AdvisoryKey::Pair(number(0) as i32, number(1) as i32),
        _ => AdvisoryKey::Big(number(0)),
    }
}
