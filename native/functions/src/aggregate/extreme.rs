//! `min` and `max`: by a plain comparison for fixed-width types whose class orders as the type, by
//! the type's order for the others.

use std::cmp::Ordering;

use common::Result;
use types::{Datum, TypeOid, ValueClass, Vector, compare_class};

use super::fold::Fold;
use crate::EvalContext;
use crate::lift::{Arg, Column};

/// Which of two values a fixed-width extreme keeps.
pub(crate) trait Plain: for<'a> Arg<'a> + Copy + PartialOrd + Send + 'static {
    fn datum(self) -> Datum;
}

impl Plain for i16 {
    fn datum(self) -> Datum {
        Datum::I16(self)
    }
}

impl Plain for i32 {
    fn datum(self) -> Datum {
        Datum::I32(self)
    }
}

impl Plain for i64 {
    fn datum(self) -> Datum {
        Datum::I64(self)
    }
}

/// The largest (or smallest) of an integer class.
pub(crate) struct PlainExtreme<T, const MAX: bool>(Option<T>);

impl<T, const MAX: bool> Default for PlainExtreme<T, MAX> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Plain, const MAX: bool> Fold for PlainExtreme<T, MAX> {
    type Args<'a> = Column<'a, T>;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        Column::new(&args[0])
    }

    #[inline(always)]
    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let value = args.at(row)?;
        let better = match self.0 {
            Some(best) if MAX => value > best,
            Some(best) => value < best,
            None => true,
        };
        if better {
            self.0 = Some(value);
        }
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self.0.map_or(Datum::Null, Plain::datum))
    }
}

/// The largest (or smallest) by the type's order.
#[derive(Default)]
pub(crate) struct Extreme<const MAX: bool> {
    best: Datum,
    /// Of the argument; found at the first row.
    class: Option<ValueClass>,
}

impl<const MAX: bool> Fold for Extreme<MAX> {
    type Args<'a> = &'a Vector;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        &args[0]
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let of = || cx.args.first().map_or(TypeOid::TEXT, |ty| ty.oid);
        let class = *self.class.get_or_insert_with(|| ValueClass::of(of()));
        let value = args.get(row);
        let wanted = if MAX {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        if self.best.is_null() || compare_class(class, value, self.best.as_ref()) == wanted {
            self.best = value.to_owned();
        }
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self.best.clone())
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.best.heap_bytes()
    }
}
