//! The one pool: slots in which sessions of clients run.
//!
//! A slot is the right to run, taken for a transaction and given back after it; what runs in it is a
//! session, a value that its client keeps between times. So few slots serve many clients, and a
//! client loses nothing by giving its slot back.
//!
//! Invariants: at most `max_size` slots (and `reserve_size` once someone has waited long) are in use;
//! nobody overtakes in a line but by priority and partition; who waits is woken once, with a slot or
//! a refusal; no call blocks for longer than the state's lock is held. The monitor ends waits whose
//! time is over and looks after slots; its thread is the only one that the pool has.

mod claim;
mod histogram;
mod inner;
mod json;
mod leak;
mod monitor;
mod options;
mod partition;
#[expect(
    clippy::module_inception,
    reason = "a file bears the name of its main export"
)]
mod pool;
mod refusal;
mod slot;
mod statistics;
#[cfg(test)]
mod tests;
mod wait_list;
mod wakes;

pub use claim::{Admission, Claim, Priority, Ticket, Wake};
pub use histogram::Histogram;
pub use leak::{Evidence, Leak};
pub use options::PoolOptions;
pub use partition::PartitionOptions;
pub use pool::{Pool, PoolHost};
pub use refusal::Refusal;
pub use slot::SlotState;
pub use statistics::{PartitionStatistics, PoolStatistics, SlotInfo, WaiterInfo};
