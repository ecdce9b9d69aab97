//! What NOTIFY sends (PostgreSQL's async.c).

use std::sync::Arc;

use common::{Result, bail, sqlstate};

/// The longest name of a channel, in bytes.
const CHANNEL_BYTES_MAX: usize = 63;
/// Payloads are shorter.
const PAYLOAD_BYTES_END: usize = 8000;
/// What an event costs beside its texts.
const OVERHEAD_BYTES: usize = 96;

/// One notification. Two of a transaction with equal channel and payload are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Notification {
    /// The process number of the session that notifies.
    pub pid: u32,
    pub channel: Arc<str>,
    pub payload: Arc<str>,
}

impl Notification {
    /// 22023 for a channel without a name, and for texts that are too long.
    pub fn new(pid: u32, channel: &str, payload: &str) -> Result<Self> {
        let wrong = match () {
            () if channel.is_empty() => Some("channel name cannot be empty"),
            () if channel.len() > CHANNEL_BYTES_MAX => Some("channel name too long"),
            () if payload.len() >= PAYLOAD_BYTES_END => Some("payload string too long"),
            () => None,
        };
        if let Some(message) = wrong {
            bail!(sqlstate::INVALID_PARAMETER_VALUE, "{message}");
        }
        Ok(Self {
            pid,
            channel: channel.into(),
            payload: payload.into(),
        })
    }

    /// What it takes of the queue.
    pub fn bytes(&self) -> usize {
        OVERHEAD_BYTES + self.channel.len() + self.payload.len()
    }
}
