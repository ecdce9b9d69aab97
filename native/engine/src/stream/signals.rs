//! What a transaction has asked of the streams and its commit is to do: notifications to send,
//! channels to listen on.
//!
//! Invariants: nothing of it has an effect before the commit; a savepoint's mark says how much of it
//! was there; equal notifications are kept once, at their first place; what one transaction may send
//! fits into the queue.

use std::sync::Arc;

use common::rt::Mutex;
use common::{Result, bail, sqlstate};
use hashbrown::HashSet;

use super::notification::Notification;
use super::stream_hub::NOTIFY_QUEUE_BYTES;

/// Changes of channels that one transaction may ask for.
const CHANGES_MAX: usize = 100_000;

/// A change of what a session listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelChange {
    Listen(Arc<str>),
    Unlisten(Arc<str>),
    UnlistenAll,
}

/// How much there was at a savepoint.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignalMark {
    notifications: usize,
    changes: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Signals {
    notifications: Vec<Arc<Notification>>,
    seen: HashSet<Arc<Notification>>,
    bytes: usize,
    changes: Vec<ChannelChange>,
}

/// Shared with the functions of the session's statements.
pub type SharedSignals = Arc<Mutex<Signals>>;

impl Signals {
    /// Whether the commit has nothing to do.
    pub fn is_empty(&self) -> bool {
        self.notifications.is_empty() && self.changes.is_empty()
    }

    /// NOTIFY. 54000 where the queue could never take what the transaction sends.
    pub fn notify(&mut self, notification: Notification) -> Result<()> {
        let notification = Arc::new(notification);
        if self.seen.contains(&notification) {
            return Ok(());
        }
        if self.bytes + notification.bytes() > NOTIFY_QUEUE_BYTES {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "too many notifications in the NOTIFY queue"
            );
        }
        self.bytes += notification.bytes();
        self.seen.insert(notification.clone());
        self.notifications.push(notification);
        Ok(())
    }

    /// LISTEN and UNLISTEN.
    pub fn change(&mut self, change: ChannelChange) -> Result<()> {
        if self.changes.len() >= CHANGES_MAX {
            bail!(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                "too many LISTEN and UNLISTEN in a transaction"
            );
        }
        self.changes.push(change);
        Ok(())
    }

    pub fn mark(&self) -> SignalMark {
        SignalMark {
            notifications: self.notifications.len(),
            changes: self.changes.len(),
        }
    }

    /// Forgets what came after the mark.
    pub fn rollback_to(&mut self, mark: SignalMark) {
        for dropped in self.notifications.drain(mark.notifications..) {
            self.bytes -= dropped.bytes();
            self.seen.remove(&dropped);
        }
        self.changes.truncate(mark.changes);
    }

    /// All notifications, for the commit; the channels' changes stay.
    pub fn take_notifications(&mut self) -> Vec<Arc<Notification>> {
        self.seen.clear();
        self.bytes = 0;
        std::mem::take(&mut self.notifications)
    }

    pub fn take_changes(&mut self) -> Vec<ChannelChange> {
        std::mem::take(&mut self.changes)
    }
}
