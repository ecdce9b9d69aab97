//! Why a client's state machine came back, and what every such machine can do.

use common::{Result, SqlError};
use engine::{Mode, Session, Ticket};

/// Why [`Machine::step`] came back.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// All input is dealt with.
    NeedInput,
    /// A start-up packet is complete: answer with `accept` or `refuse`.
    Startup,
    /// The client asks to cancel another connection's statement, and nothing else.
    Cancel { process_id: i32, secret: Vec<u8> },
    /// There is no room to work: step again when the gate's owner is woken.
    Admission,
    /// The next step may wait: run it with [`Mode::Aside`], not on a front thread.
    Aside,
    /// Send nothing until the ticket is published, then call [`Machine::published`] and step.
    Commit(Ticket),
    /// Step again when some of the output is sent.
    OutputFull,
    /// Step again in the next tick: this one has had its time.
    More,
    /// The request has ended; its owner may begin another.
    Done,
    /// Send the output and close.
    Close,
}

/// One client, whatever it speaks. Nothing in it waits: a statement that may wait makes `step`
/// answer [`Step::Aside`], and the owner runs the next step on a worker.
pub trait Machine: Send {
    /// Adds bytes from the client.
    fn receive(&mut self, bytes: &[u8]);

    /// Bytes that were received and wait to be dealt with; 0 for a machine that keeps none.
    fn pending_input_bytes(&self) -> usize {
        0
    }

    /// Deals with input until something is missing.
    fn step(&mut self, mode: Mode) -> Step;

    /// What is to be sent; the owner takes from its front.
    fn output(&mut self) -> &mut Vec<u8>;

    /// The commit of [`Step::Commit`] is visible and as durable as configured, or the log failed.
    fn published(&mut self, result: Result<()>);

    /// Ends the client with this error. Any time.
    fn refuse(&mut self, error: &SqlError);

    /// Gives up the session: the client is gone.
    fn take_session(&mut self) -> Option<Box<Session>>;
}
