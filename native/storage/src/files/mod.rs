//! The files that pages live in.

mod data_file;
mod file_set;
mod open_files;

pub use data_file::DataFile;
pub use file_set::{FIRST_TEMPORARY, FileKind, FileSet, PendingFiles};
