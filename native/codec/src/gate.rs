//! The right to work, as a connection asks for it.

use common::Result;

/// Stands before a connection's work. It is entered before the first message of a transaction that
/// does something, and left when the transaction is over.
pub trait Gate: Send {
    /// A message asks for a statement to be run: an error refuses it.
    fn request(&mut self) -> Result<()>;

    /// True where the connection may work: it has entered already, or does so now. False where it
    /// must wait: its owner is told and steps again. An error refuses the message alone.
    ///
    /// `timeout_ms` says the longest wait that is of use; None where the client has set none.
    fn enter(&mut self, timeout_ms: &dyn Fn() -> Option<u32>) -> Result<bool>;

    /// The connection has no transaction any more. Idempotent.
    fn leave(&mut self);
}

/// Lets everybody work.
pub struct OpenGate;

impl Gate for OpenGate {
    fn request(&mut self) -> Result<()> {
        Ok(())
    }

    fn enter(&mut self, _timeout_ms: &dyn Fn() -> Option<u32>) -> Result<bool> {
        Ok(true)
    }

    fn leave(&mut self) {}
}
