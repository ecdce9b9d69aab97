//! Why a claim is refused.

use common::{Error, err, sqlstate};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many wait as may.
    QueueFull {
        waiting: u32,
        max_size: u32,
    },
    /// The partition's line is full.
    PartitionFull {
        waiting: u32,
    },
    /// By what the pool has seen the turn would come too late.
    TooLate {
        expected_ms: u32,
        timeout_ms: u32,
    },
    /// The time is over. `position`: how many would have been served before, and the caller.
    TimedOut {
        waited_ms: u32,
        position: u32,
        max_size: u32,
    },
    /// Every slot is held by someone who waits for another one.
    Deadlock {
        max_size: u32,
    },
    /// An operator has sent the waiters away.
    Cleared {
        waited_ms: u32,
    },
    Closed,
}

impl Refusal {
    /// What a client is told: 53300, or 57P03 where the pool is closed.
    pub fn error(self) -> Error {
        let exhausted = |message: String| Error::new(sqlstate::TOO_MANY_CONNECTIONS, message);
        match self {
            Self::QueueFull { waiting, max_size } => exhausted(format!(
                "the connection pool is exhausted: all {max_size} slots are in use and {waiting} \
                 clients wait"
            ))
            .with_hint("Try again later, or raise pool.max_wait_queue_size or pool.max_size."),
            Self::PartitionFull { waiting } => exhausted(format!(
                "the pool's partition is exhausted: {waiting} of its clients wait"
            ))
            .with_hint("Try again later, or raise the partition's queue limit or size."),
            Self::TooLate {
                expected_ms,
                timeout_ms,
            } => exhausted(format!(
                "the connection pool is exhausted: the wait would be about {expected_ms} ms and \
                 the client waits {timeout_ms} ms at most"
            )),
            Self::TimedOut {
                waited_ms,
                position,
                max_size,
            } => exhausted(format!(
                "the connection pool is exhausted: all {max_size} slots are in use; waited \
                 {waited_ms} ms, position {position} in the queue"
            )),
            Self::Deadlock { max_size } => exhausted(format!(
                "the connection pool is deadlocked: each of its {max_size} slots is held by a \
                 client that waits for another one"
            ))
            .with_hint("Give a slot back before asking for the next one, or raise pool.max_size."),
            Self::Cleared { waited_ms } => exhausted(format!(
                "the connection pool's wait queue was cleared after {waited_ms} ms"
            )),
            Self::Closed => err!(
                sqlstate::CANNOT_CONNECT_NOW,
                "the database system is shutting down"
            ),
        }
    }
}
