//! `count`: of rows, or of values, the caller having left out the NULLs.

use common::Result;
use types::{Datum, Vector};

use crate::{AggregateStates, EvalContext};

/// The counts of all groups.
pub(crate) struct Counts(Vec<i64>);

impl Counts {
    pub(crate) fn boxed() -> Box<dyn AggregateStates> {
        Box::new(Self(Vec::new()))
    }
}

impl AggregateStates for Counts {
    fn resize(&mut self, groups: usize) {
        self.0.resize(groups, 0);
    }

    fn update(
        &mut self,
        _: &EvalContext<'_>,
        _: &[Vector],
        _: &[u32],
        groups: &[u32],
    ) -> Result<()> {
        for &group in groups {
            self.0[group as usize] += 1;
        }
        Ok(())
    }

    fn update_all(
        &mut self,
        _: &EvalContext<'_>,
        _: &[Vector],
        len: usize,
        group: u32,
    ) -> Result<()> {
        self.0[group as usize] += len as i64;
        Ok(())
    }

    fn finish(&self, _: &EvalContext<'_>, group: u32) -> Result<Datum> {
        Ok(Datum::I64(self.0[group as usize]))
    }

    fn memory_bytes(&self) -> usize {
        self.0.capacity() * size_of::<i64>()
    }
}
