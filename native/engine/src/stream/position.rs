//! Where an event stands.

use common::Lsn;

/// The place of an event among all of its source: `number` grows by one an event in the order of
/// publishing; `lsn` is the log position of the commit that brought it, the same for all of its
/// events, and comparable over sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub lsn: Lsn,
    pub number: u64,
}
