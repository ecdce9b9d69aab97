//! The running states of one aggregate, all groups together.

use common::Result;
use types::{Datum, Vector};

use crate::eval_context::EvalContext;

/// States by group number. The caller leaves out rows that FILTER, DISTINCT or (where the aggregate
/// is strict) a NULL argument excludes, and gives rows in ORDER BY's order.
pub trait AggregateStates: Send {
    /// Makes room for groups `0..groups`, new ones in their initial state.
    fn resize(&mut self, groups: usize);

    /// Takes row `rows[i]` of the arguments into group `groups[i]`.
    fn update(
        &mut self,
        context: &EvalContext<'_>,
        args: &[Vector],
        rows: &[u32],
        groups: &[u32],
    ) -> Result<()>;

    /// Takes all `len` rows into one group: the way of aggregates without GROUP BY.
    fn update_all(
        &mut self,
        context: &EvalContext<'_>,
        args: &[Vector],
        len: usize,
        group: u32,
    ) -> Result<()> {
        let rows: Vec<u32> = (0..len as u32).collect();
        let groups = vec![group; len];
        self.update(context, args, &rows, &groups)
    }

    /// Takes numerics of one scale, given by their coefficients, row `i` into group `groups[i]` (all
    /// into group 0 without). False where the aggregate does not know them: nothing was taken then.
    fn update_decimals(
        &mut self,
        _coefs: &[i64],
        _scale: u16,
        _groups: Option<&[u32]>,
    ) -> Result<bool> {
        Ok(false)
    }

    /// The result so far; the state stays (a window frame may grow).
    fn finish(&self, context: &EvalContext<'_>, group: u32) -> Result<Datum>;

    /// Bytes held, for the statement's memory limit.
    fn memory_bytes(&self) -> usize;
}
