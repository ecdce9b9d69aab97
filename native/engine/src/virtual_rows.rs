//! Rows of the relations that are made from the catalog and the engine.

use common::{Error, Result};
use types::Batch;

use crate::session::SessionFacts;

/// The rows of a virtual relation, `columns` of them in that order. 0A000 for one that is not built.
pub fn rows(_facts: &SessionFacts, info: &catalog::Table, _columns: &[u16]) -> Result<Batch> {
    Err(Error::not_implemented(format!(
        "the system relation {}",
        info.name
    )))
}
