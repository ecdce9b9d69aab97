//! The log: records, the ring they wait in, segment files, the flusher and publishing.

mod append;
mod cursor;
mod flush;
mod publish;
mod reader;
pub mod record;
pub mod segments;

pub use append::{Append, Ended, Log, LogConfig, Publisher};
pub use cursor::LogCursor;
pub use publish::decode_end;
pub use reader::LogReader;
pub use record::OpIter;
