//! One group's running state, and those of all groups.

use common::Result;
use types::{Datum, Vector};

use crate::{AggregateStates, EvalContext};

/// The running state of one group; its default is that of no rows.
pub(crate) trait Fold: Default + Send + 'static {
    /// The arguments, looked up once a batch.
    type Args<'a>: Copy;

    fn args(args: &[Vector]) -> Self::Args<'_>;

    /// Takes a row in.
    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()>;

    fn result(&self, cx: &EvalContext<'_>) -> Result<Datum>;

    /// Whether states hold memory of their own, beside their size.
    const HEAP: bool = false;

    fn heap_bytes(&self) -> usize {
        0
    }
}

/// The states of all groups.
pub(crate) struct Folds<F> {
    states: Vec<F>,
    heap_bytes: usize,
}

impl<F: Fold> Folds<F> {
    pub(crate) fn boxed() -> Box<dyn AggregateStates> {
        Box::new(Self {
            states: Vec::new(),
            heap_bytes: 0,
        })
    }

    #[inline(always)]
    fn take(
        &mut self,
        cx: &EvalContext<'_>,
        args: F::Args<'_>,
        row: usize,
        group: usize,
    ) -> Result<()> {
        let state = &mut self.states[group];
        if !F::HEAP {
            return state.take(cx, args, row);
        }
        let before = state.heap_bytes();
        let taken = state.take(cx, args, row);
        self.heap_bytes = (self.heap_bytes + state.heap_bytes()).saturating_sub(before);
        taken
    }
}

impl<F: Fold> AggregateStates for Folds<F> {
    fn resize(&mut self, groups: usize) {
        self.states.resize_with(groups, F::default);
    }

    fn update(
        &mut self,
        context: &EvalContext<'_>,
        args: &[Vector],
        rows: &[u32],
        groups: &[u32],
    ) -> Result<()> {
        let args = F::args(args);
        for (&row, &group) in rows.iter().zip(groups) {
            self.take(context, args, row as usize, group as usize)?;
        }
        Ok(())
    }

    fn update_all(
        &mut self,
        context: &EvalContext<'_>,
        args: &[Vector],
        len: usize,
        group: u32,
    ) -> Result<()> {
        let args = F::args(args);
        for row in 0..len {
            self.take(context, args, row, group as usize)?;
        }
        Ok(())
    }

    fn finish(&self, context: &EvalContext<'_>, group: u32) -> Result<Datum> {
        self.states[group as usize].result(context)
    }

    fn memory_bytes(&self) -> usize {
        self.states.capacity() * size_of::<F>() + self.heap_bytes
    }
}
