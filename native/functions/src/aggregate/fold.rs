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

    /// Whether the state takes decimals.
    const DECIMAL: bool = false;

    /// Takes `coef / 10^scale` in, the sum of `count` values of that scale.
    fn take_decimal(&mut self, _coef: i128, _scale: u16, _count: i64) -> Result<()> {
        Ok(())
    }

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

    fn update_decimals(
        &mut self,
        coefs: &[i64],
        scale: u16,
        groups: Option<&[u32]>,
    ) -> Result<bool> {
        if !F::DECIMAL {
            return Ok(false);
        }
        match groups {
            Some(groups) => {
                for (coef, group) in coefs.iter().zip(groups) {
                    self.states[*group as usize].take_decimal((*coef).into(), scale, 1)?;
                }
            }
            None if coefs.is_empty() => {}
            None => {
                let sum = coefs.iter().map(|coef| i128::from(*coef)).sum();
                self.states[0].take_decimal(sum, scale, coefs.len() as i64)?;
            }
        }
        Ok(true)
    }

    fn finish(&self, context: &EvalContext<'_>, group: u32) -> Result<Datum> {
        self.states[group as usize].result(context)
    }

    fn memory_bytes(&self) -> usize {
        self.states.capacity() * size_of::<F>() + self.heap_bytes
    }
}
