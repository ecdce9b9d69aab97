//! LISTEN, NOTIFY, UNLISTEN: what they ask of the commit, what the commit does, what the client is
//! told (PostgreSQL's async.c, the session's side).
//!
//! Invariants: channels change and notifications are sent only by a commit; the session hears what is
//! published after it began to listen, its own among it, in the order of publishing, and hands it
//! over only between transactions.

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{Result, SqlError, Xid, sqlstate};
use txn::Interrupt;

use super::notice::NoticeLevel;
use super::run::Begun;
use super::session::Session;
use crate::stream::{ChannelChange, FullWarning, Notification, Wake};

/// What a commit that is on its way does to the streams.
#[derive(Default)]
pub(super) struct StagedSignals {
    /// The transaction that notifications are staged for.
    xid: Option<Xid>,
    /// Channels that the session listens on from now on.
    added: Vec<Arc<str>>,
    /// Channels that it listens on no more once the commit succeeds.
    removed: Vec<Arc<str>>,
}

impl Session {
    /// Says how the owner of this session is rung while its client says nothing: for
    /// [`Session::take_notifications`], once until they are taken, and for [`Session::check_alive`].
    /// Any thread calls `wake`. Without it the session may listen and is told nothing.
    pub fn set_wake(&mut self, wake: Wake) {
        self.handle.set_wake(wake);
    }

    /// 57P01 when somebody has ended the session.
    pub fn check_alive(&self) -> Result<()> {
        match self.handle.backend.interrupted() {
            Some(Interrupt::Terminate) => Err(Interrupt::Terminate.error()),
            _ => Ok(()),
        }
    }

    /// Forgets a cancel request that came while nothing ran: the owner is about to wait for something.
    pub fn forget_cancel(&self) {
        self.handle.backend.clear_interrupt();
    }

    /// 57014 when the owner's wait is to be cancelled, 57P01 when somebody has ended the session.
    pub fn check_cancel(&self) -> Result<()> {
        match self.handle.backend.interrupted() {
            Some(reason @ (Interrupt::Cancel | Interrupt::Terminate)) => Err(reason.error()),
            _ => Ok(()),
        }
    }

    /// Notifications for the client, up to about `max_bytes`: none while a transaction is open. Call
    /// until it gives none.
    pub fn take_notifications(&mut self, max_bytes: usize) -> Vec<Arc<Notification>> {
        if !self.listens || !self.block.is_idle() {
            return Vec::new();
        }
        let events = self.engine.streams().notifications();
        let events = events.read(self.handle.pid(), max_bytes);
        events.into_iter().map(|(_, event)| event).collect()
    }

    pub(super) fn notify(&mut self, channel: &str, payload: Option<&str>) -> Result<Begun> {
        self.block.ensure(self.default_options())?;
        let payload = payload.unwrap_or_default();
        let notification = Notification::new(self.handle.pid(), channel, payload)?;
        self.block.signals.lock().notify(notification)?;
        Ok(Begun::Tag("NOTIFY".to_owned()))
    }

    pub(super) fn listen(&mut self, channel: &str) -> Result<Begun> {
        self.change_channels(ChannelChange::Listen(channel.into()))?;
        Ok(Begun::Tag("LISTEN".to_owned()))
    }

    /// None: all channels.
    pub(super) fn unlisten(&mut self, channel: Option<&str>) -> Result<Begun> {
        self.change_channels(match channel {
            Some(channel) => ChannelChange::Unlisten(channel.into()),
            None => ChannelChange::UnlistenAll,
        })?;
        Ok(Begun::Tag("UNLISTEN".to_owned()))
    }

    fn change_channels(&mut self, change: ChannelChange) -> Result<()> {
        self.block.ensure(self.default_options())?;
        self.block.signals.lock().change(change)
    }

    /// Hands what the transaction sends to the streams, and begins to listen, so that it hears
    /// itself. An error leaves the transaction to be rolled back.
    pub(super) fn stage_signals(&mut self) -> Result<StagedSignals> {
        let mut signals = self.block.signals.lock();
        if signals.is_empty() {
            return Ok(StagedSignals::default());
        }
        let (events, changes) = (signals.take_notifications(), signals.take_changes());
        drop(signals);
        let mut staged = self.changed_channels(changes);
        let begun = self.begin_to_listen(&staged.added);
        match begun.and_then(|()| self.stage_notifications(events)) {
            Ok(xid) => {
                staged.xid = xid;
                Ok(staged)
            }
            Err(error) => {
                self.stop_listening(&staged.added);
                Err(error)
            }
        }
    }

    /// The commit is on its way, or has failed.
    pub(super) fn end_signals(&mut self, staged: &StagedSignals, is_committed: bool) {
        if is_committed {
            return self.stop_listening(&staged.removed);
        }
        self.stop_listening(&staged.added);
        if let Some(xid) = staged.xid {
            self.engine.streams().cancel(xid);
        }
    }

    /// What the changes come to, all together.
    fn changed_channels(&self, changes: Vec<ChannelChange>) -> StagedSignals {
        if changes.is_empty() {
            return StagedSignals::default();
        }
        let log = self.engine.streams().notifications();
        let before: BTreeSet<Arc<str>> = log.topics(self.handle.pid()).into_iter().collect();
        let mut after = before.clone();
        for change in changes {
            match change {
                ChannelChange::Listen(channel) => drop(after.insert(channel)),
                ChannelChange::Unlisten(channel) => drop(after.remove(&channel)),
                ChannelChange::UnlistenAll => after.clear(),
            }
        }
        StagedSignals {
            xid: None,
            added: after.difference(&before).cloned().collect(),
            removed: before.difference(&after).cloned().collect(),
        }
    }

    fn begin_to_listen(&mut self, channels: &[Arc<str>]) -> Result<()> {
        let log = self.engine.streams().notifications();
        for channel in channels {
            log.subscribe(self.handle.pid(), channel, self.handle.wake())?;
            self.listens = true;
        }
        Ok(())
    }

    fn stop_listening(&mut self, channels: &[Arc<str>]) {
        let log = self.engine.streams().notifications();
        for channel in channels {
            log.unsubscribe(self.handle.pid(), channel);
        }
        if !channels.is_empty() {
            self.listens = !log.topics(self.handle.pid()).is_empty();
        }
    }

    fn stage_notifications(&mut self, events: Vec<Arc<Notification>>) -> Result<Option<Xid>> {
        if events.is_empty() {
            return Ok(None);
        }
        let txn = self.block.ensure(self.default_options())?;
        let (streams, txns) = (self.engine.streams(), self.engine.txns());
        // Nothing of a notification outlives a crash, so it need not be on disk.
        let xid = txns.assign_temporary_xid(&mut txn.lock())?;
        if let Some(warning) = streams.stage(xid, events)? {
            self.warn_of_full_queue(warning);
        }
        Ok(Some(xid))
    }

    fn warn_of_full_queue(&self, warning: FullWarning) {
        self.notices.push(
            NoticeLevel::Warning,
            SqlError {
                state: sqlstate::WARNING,
                message: format!("NOTIFY queue is {:.0}% full", warning.percent),
                detail: Some(format!(
                    "The server process with PID {} is among those with the oldest transactions.",
                    warning.pid
                )),
                hint: Some(
                    "The NOTIFY queue cannot be emptied until that process ends its current \
                     transaction."
                        .to_owned(),
                ),
                ..SqlError::default()
            },
        );
    }
}
