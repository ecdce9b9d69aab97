//! What happens in the database, as streams of events: who brings them, who is told.
//!
//! A *source* appends events at commit, in the order of publishing, each with its [`Position`]; a
//! *subscriber* is a session that names topics and has a cursor. `event_log` is one source's bounded
//! log with the cursors into it, `position` the place of an event, `notification` what NOTIFY sends,
//! `signals` what a transaction has asked for and its commit does, `stream_hub` the sources of an
//! engine and the hand-over from commit to publishing. NOTIFY is the first source.

mod event_log;
mod notification;
mod position;
mod signals;
mod stream_hub;

pub use event_log::{FullWarning, Wake};
pub use notification::Notification;
pub use signals::{ChannelChange, SharedSignals, SignalMark};
pub use stream_hub::StreamHub;
