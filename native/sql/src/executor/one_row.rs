//! One row without columns, or none.

use common::Result;
use types::Batch;

use super::context::Context;
use super::operator::Operator;

pub struct OneRow {
    row: bool,
    given: bool,
}

impl OneRow {
    /// `row`: whether there is one.
    pub fn new(row: bool) -> Self {
        Self { row, given: false }
    }
}

impl Operator for OneRow {
    fn next(&mut self, _: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let more = self.row && !std::mem::replace(&mut self.given, true);
        *out = Batch {
            columns: Vec::new(),
            len: usize::from(more),
        };
        Ok(more)
    }

    fn restart(&mut self, _: &mut Context<'_>) -> Result<()> {
        self.given = false;
        Ok(())
    }
}
