//! `bool_and`, `bool_or`, `every` and the bitwise aggregates of integers.

use common::Result;
use types::{Datum, Vector};

use super::fold::Fold;
use crate::EvalContext;
use crate::lift::Column;

macro_rules! reduce {
    ($name:ident, $t:ty, $class:ident, |$a:ident, $b:ident| $join:expr) => {
        #[derive(Default)]
        pub(crate) struct $name(Option<$t>);

        impl Fold for $name {
            type Args<'a> = Column<'a, $t>;

            fn args(args: &[Vector]) -> Self::Args<'_> {
                Column::new(&args[0])
            }

            #[inline(always)]
            fn take(
                &mut self,
                _: &EvalContext<'_>,
                args: Self::Args<'_>,
                row: usize,
            ) -> Result<()> {
                let $b = args.at(row)?;
                self.0 = Some(match self.0 {
                    Some($a) => $join,
                    None => $b,
                });
                Ok(())
            }

            fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
                Ok(self.0.map_or(Datum::Null, Datum::$class))
            }
        }
    };
}

reduce!(BoolAnd, bool, Bool, |a, b| a && b);
reduce!(BoolOr, bool, Bool, |a, b| a || b);
reduce!(And2, i16, I16, |a, b| a & b);
reduce!(And4, i32, I32, |a, b| a & b);
reduce!(And8, i64, I64, |a, b| a & b);
reduce!(Or2, i16, I16, |a, b| a | b);
reduce!(Or4, i32, I32, |a, b| a | b);
reduce!(Or8, i64, I64, |a, b| a | b);
reduce!(Xor2, i16, I16, |a, b| a ^ b);
reduce!(Xor4, i32, I32, |a, b| a ^ b);
reduce!(Xor8, i64, I64, |a, b| a ^ b);
