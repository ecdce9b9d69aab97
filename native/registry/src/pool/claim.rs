//! What a caller of the pool asks for, and the answer.

use std::sync::Arc;

/// Who goes first. A class gives way to the next lower one after a time (`priority_ageing_ms` a
/// class), so that nobody starves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Priority {
    Critical,
    High,
    #[default]
    Normal,
    Low,
}

impl Priority {
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Normal, Self::Low];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// Is told that a wait is over. It may run with a lock of the pool's caller held, so it must not call
/// the pool.
pub trait Wake: Send + Sync {
    /// `token`: what the claim gave; `ticket`: what it got.
    fn wake(&self, token: u32, ticket: Ticket);
}

/// A wish for a slot.
#[derive(Clone)]
pub struct Claim<'a> {
    /// Whose slot it will be: a number of the caller's, 0 for nobody. Who holds a slot and waits for
    /// another one is told apart by it.
    pub owner: u32,
    /// What [`super::Pool::partition_of`] gave.
    pub partition: u32,
    pub priority: Priority,
    /// The longest wait that is of use, 0 for none at all; the pool's `acquire_timeout_ms` bounds it.
    pub timeout_ms: Option<u32>,
    pub wake: &'a Arc<dyn Wake>,
    /// Given to `wake`.
    pub token: u32,
}

/// Stands for a waiter until [`super::Pool::collect`] or [`super::Pool::abandon`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(pub(super) u64);

impl Ticket {
    /// A number that [`Self::from_number`] takes back; never 0.
    pub fn number(self) -> u64 {
        self.0
    }

    pub fn from_number(number: u64) -> Self {
        Self(number)
    }
}

/// The answer to a claim that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The slot is the caller's until it releases it.
    Granted(u32),
    /// The caller is woken.
    Waits(Ticket),
}
