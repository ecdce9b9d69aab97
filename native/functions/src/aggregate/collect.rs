//! Aggregates that keep every value: `string_agg` and `array_agg`.

use common::{Result, bail, sqlstate};
use types::{ArrayBuilder, ArrayRef, Datum, Dim, TypeOid, Vector, element_of, physical_of};

use super::fold::Fold;
use crate::EvalContext;

/// `string_agg` of text or bytea: NULL values are passed over, a NULL delimiter is none.
#[derive(Default)]
pub(crate) struct Joined(Option<Vec<u8>>);

impl Fold for Joined {
    type Args<'a> = (&'a Vector, &'a Vector);

    fn args(args: &[Vector]) -> Self::Args<'_> {
        (&args[0], &args[1])
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let Some(value) = args.0.get(row).as_bytes() else {
            return Ok(());
        };
        match &mut self.0 {
            Some(text) => {
                text.extend_from_slice(args.1.get(row).as_bytes().unwrap_or_default());
                text.extend_from_slice(value);
            }
            None => self.0 = Some(value.to_vec()),
        }
        Ok(())
    }

    fn result(&self, _: &EvalContext<'_>) -> Result<Datum> {
        Ok(self
            .0
            .as_ref()
            .map_or(Datum::Null, |text| Datum::Bytes(text.as_slice().into())))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, Vec::capacity)
    }
}

/// The element type of an array result.
fn element(cx: &EvalContext<'_>) -> TypeOid {
    let own = || cx.args.first().map_or(TypeOid::TEXT, |ty| ty.oid);
    element_of(cx.ret.oid).unwrap_or_else(own)
}

/// `array_agg` of what is no array.
#[derive(Default)]
pub(crate) struct Elements(Option<Vector>);

impl Fold for Elements {
    type Args<'a> = &'a Vector;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        &args[0]
    }

    fn take(&mut self, cx: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let values = self
            .0
            .get_or_insert_with(|| Vector::new(physical_of(element(cx))));
        values.append_from(args, row);
        Ok(())
    }

    fn result(&self, cx: &EvalContext<'_>) -> Result<Datum> {
        let Some(values) = &self.0 else {
            return Ok(Datum::Null);
        };
        let mut out = ArrayBuilder::new(element(cx));
        (0..values.len()).for_each(|row| out.push(values.get(row)));
        Ok(Datum::Bytes(out.finish().into()))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, Vector::memory_bytes)
    }
}

/// `array_agg` of arrays, all of the same dimensions: one dimension more.
#[derive(Default)]
pub(crate) struct Arrays {
    dims: Vec<Dim>,
    count: i32,
    stored: Vec<Box<[u8]>>,
    heap_bytes: usize,
}

impl Fold for Arrays {
    type Args<'a> = &'a Vector;

    fn args(args: &[Vector]) -> Self::Args<'_> {
        &args[0]
    }

    fn take(&mut self, _: &EvalContext<'_>, args: Self::Args<'_>, row: usize) -> Result<()> {
        let Some(stored) = args.get(row).as_bytes() else {
            bail!(
                sqlstate::NULL_VALUE_NOT_ALLOWED,
                "cannot accumulate null arrays"
            );
        };
        let array = ArrayRef::new(stored)?;
        if array.ndim() == 0 {
            bail!(
                sqlstate::ARRAY_SUBSCRIPT_ERROR,
                "cannot accumulate empty arrays"
            );
        }
        if self.count == 0 {
            if array.ndim() >= types::ARRAY_DIMS_MAX {
                return Err(types::too_many_dims(array.ndim() + 1));
            }
            self.dims = array.dims();
        } else if array.dims() != self.dims {
            bail!(
                sqlstate::ARRAY_SUBSCRIPT_ERROR,
                "cannot accumulate arrays of different dimensionality"
            );
        }
        self.count += 1;
        self.heap_bytes += stored.len() + size_of::<Box<[u8]>>();
        self.stored.push(stored.into());
        Ok(())
    }

    fn result(&self, cx: &EvalContext<'_>) -> Result<Datum> {
        if self.count == 0 {
            return Ok(Datum::Null);
        }
        let mut out = ArrayBuilder::new(element(cx));
        for stored in &self.stored {
            ArrayRef::new(stored)?
                .iter()
                .for_each(|value| out.push(value));
        }
        let mut dims = vec![Dim {
            len: self.count as _,
            lower: 1,
        }];
        dims.extend(self.dims.iter().copied());
        Ok(Datum::Bytes(out.finish_dims(&dims)?.into()))
    }

    const HEAP: bool = true;

    fn heap_bytes(&self) -> usize {
        self.heap_bytes
    }
}
