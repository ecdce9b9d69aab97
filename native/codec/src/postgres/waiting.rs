//! What a connection does while it waits: for room to work, or for its client.

use common::Result;

use super::backend;
use super::connection::Connection;
use super::encoder;
use crate::step::Step;

impl Connection {
    /// Whether a message makes the session do something.
    pub(super) fn begins_work(&self, tag: u8) -> bool {
        let is_work = matches!(tag, b'Q' | b'P' | b'B' | b'D' | b'E' | b'F');
        is_work && !self.copies_in && !self.skips_to_sync
    }

    /// Whether a message may be worked on now. It is charged once, however often it is looked at.
    pub(super) fn may_work(&mut self, tag: u8) -> Result<bool> {
        if matches!(tag, b'Q' | b'E') && !self.is_charged {
            self.gate.request()?;
            self.is_charged = true;
        }
        let entered = self.enter();
        if entered.is_err() {
            self.is_charged = false;
        }
        entered
    }

    /// Whether there is room to work. A cancel request ends the wait for it.
    fn enter(&mut self) -> Result<bool> {
        let waited = std::mem::take(&mut self.waits);
        let session = self.session.as_ref();
        let session = session.expect("a connection that is ready has a session");
        let timeout_ms = || {
            let timeout = session.statement_timeout()?;
            Some(timeout.as_millis().try_into().unwrap_or(u32::MAX))
        };
        if self.gate.enter(&timeout_ms)? {
            return Ok(true);
        }
        if !waited {
            session.forget_cancel();
        } else if let Err(error) = session.check_cancel() {
            self.gate.leave();
            return Err(error);
        }
        self.waits = true;
        Ok(false)
    }

    /// Nothing is to be done: tells the client what it listens for. An error when the session is to
    /// end.
    pub(super) fn idle(&mut self) -> Result<Step> {
        if let Some(session) = &self.session {
            session.check_alive()?;
        }
        if self.copies_in || self.skips_to_sync {
            return Ok(Step::NeedInput);
        }
        self.notify();
        Ok(match self.output.len() >= encoder::OUTPUT_PAUSE_BYTES {
            true => Step::OutputFull,
            false => Step::NeedInput,
        })
    }

    /// Tells notifications while the output has room, where no transaction is open.
    pub(super) fn notify(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        let room = encoder::OUTPUT_PAUSE_BYTES.saturating_sub(self.output.len());
        let notifications = session.take_notifications(room);
        for told in &notifications {
            let pid = told.pid as i32;
            backend::notification_response(&mut self.output, pid, &told.channel, &told.payload);
        }
    }
}
