//! The buffer pool: frames in one address range, a page table without locks on look-ups, latches,
//! eviction.

mod arena;
mod buffer_pool;
pub mod eviction;
mod frame;
mod latch;
mod page_table;
mod resize;

pub use arena::Arena;
pub use buffer_pool::BufferPool;
pub use frame::{CLAIMED, Frame, NO_PAGE, TORN, UNLOGGED};
