//! Rows from the outside.

use common::{Error, Result};
use types::Batch;

use super::context::Context;
use super::operator::Operator;
use crate::ir::ExternalId;

pub struct External {
    id: ExternalId,
    width: usize,
}

impl External {
    pub fn new(id: ExternalId, width: usize) -> Self {
        Self { id, width }
    }
}

impl Operator for External {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let stream = cx
            .state
            .external
            .get_mut(self.id.0 as usize)
            .and_then(Option::as_mut);
        let Some(stream) = stream else {
            return Err(Error::internal("rows from the outside were not given"));
        };
        if !stream.next_rows(out)? {
            out.clear();
            return Ok(false);
        }
        if out.columns.len() != self.width {
            return Err(Error::internal("rows from the outside of another width"));
        }
        Ok(true)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        Err(Error::internal(
            "rows from the outside can be read only once",
        ))
    }
}
