//! `pg_notify` and what can be asked of channels.

use common::{Error, Result};
use types::{Datum, DatumRef, TypeOid, build_array};

use super::arguments::Arguments;
use crate::session::{Mode, SessionFacts};
use crate::stream::Notification;

/// `pg_notify(channel, payload)`: NULL is the empty text.
pub fn notify(facts: &SessionFacts, args: Arguments<'_>) -> Result<Datum> {
    if facts.mode == Mode::Inline {
        // What is asked for cannot be taken back, should the statement have to run again.
        return Err(Error::WouldBlock);
    }
    let notification = Notification::new(facts.handle.pid(), args.text(0), args.text(1))?;
    facts.signals.lock().notify(notification)?;
    // The value of a function that returns void.
    Ok(Datum::I32(0))
}

/// The channels that the session listens on, as an array.
pub fn channels(facts: &SessionFacts) -> Datum {
    let log = facts.engine.streams().notifications();
    let channels = log.topics(facts.handle.pid());
    let channels = channels.iter().map(|c| DatumRef::Bytes(c.as_bytes()));
    build_array(TypeOid::TEXT, channels)
}

/// How much of the queue is taken, from 0 to 1.
pub fn usage(facts: &SessionFacts) -> Datum {
    Datum::F64(facts.engine.streams().notifications().usage())
}
