//! Dirty pages on their way home: batches, the double-write area, checkpoints, the background
//! thread.

mod background;
mod checkpoint;
pub mod double_write;
mod page_writer;

pub use background::WriterSignal;
pub use checkpoint::{ActiveCheckpoint, BeginBody};
pub use page_writer::PageWriter;
