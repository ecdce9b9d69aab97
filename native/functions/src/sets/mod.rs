//! Set-returning functions.

pub(crate) mod arrays;
pub(crate) mod json;
pub(crate) mod json_records;
pub(crate) mod partitions;
pub(crate) mod series;
pub(crate) mod texts;
