//! `pg_cancel_backend` and `pg_terminate_backend` (PostgreSQL's signalfuncs.c).

use std::time::Duration;

use common::rt::Deadline;
use common::{Error, Result, bail, sqlstate};
use types::Datum;

use super::arguments::Arguments;
use crate::session::{Mode, SessionFacts};

pub fn call(facts: &SessionFacts, name: &str, args: Arguments<'_>) -> Result<Datum> {
    let pid = args.integer(0).unwrap_or(0);
    let timeout_ms = args.integer(1).unwrap_or(0);
    if timeout_ms < 0 {
        bail!(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "\"timeout\" must not be negative"
        );
    }
    if timeout_ms > 0 && facts.mode == Mode::Inline {
        return Err(Error::WouldBlock);
    }
    let found = u32::try_from(pid).ok();
    let Some(handle) = found.and_then(|pid| facts.engine.sessions().get(pid)) else {
        let message = format!("PID {pid} is not a PostgreSQL backend process");
        facts.warn(sqlstate::WARNING, message);
        return Ok(Datum::Bool(false));
    };
    if name == "pg_cancel_backend" {
        handle.cancel();
        return Ok(Datum::Bool(true));
    }
    handle.terminate();
    match timeout_ms {
        0 => Ok(Datum::Bool(true)),
        ms => wait_for_end(facts, handle.pid(), ms.unsigned_abs()),
    }
}

/// Waits until the session is gone, in pieces, so that a cancel ends the wait.
fn wait_for_end(facts: &SessionFacts, pid: u32, timeout_ms: u64) -> Result<Datum> {
    const PIECE: Duration = Duration::from_millis(5);
    let deadline = Deadline::after(Duration::from_millis(timeout_ms));
    crate::runtime::wait_begin();
    let mut result = Ok(());
    while result.is_ok() && facts.engine.sessions().get(pid).is_some() && !deadline.has_passed() {
        common::rt::sleep(PIECE);
        result = facts.handle.backend.check_interrupts();
    }
    crate::runtime::wait_end();
    result?;
    let is_gone = facts.engine.sessions().get(pid).is_none();
    if !is_gone {
        facts.warn(
            sqlstate::WARNING,
            format!("backend with PID {pid} did not terminate within {timeout_ms} milliseconds"),
        );
    }
    Ok(Datum::Bool(is_gone))
}
