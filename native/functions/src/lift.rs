//! Plain functions over values, lifted to vectors.
//!
//! `def!` runs a function on each row whose arguments are all there and gives NULL for the others,
//! so the functions it takes are strict and see no NULL. Results of varying length are appended to
//! one buffer.

use common::Result;
use types::{
    ArrayRef, Bitmap, ByteVector, Datum, DatumRef, Interval, Numeric, Physical, TimeTz, Vector,
    VectorData, json::JsonRef,
};

/// A value read from a vector.
pub trait Arg<'a>: Sized {
    /// What is looked up once a vector.
    type Source: Copy;

    fn source(vector: &'a Vector) -> Self::Source;

    /// # Errors
    /// XX001 when stored bytes cannot be the type's.
    fn at(source: Self::Source, at: usize) -> Result<Self>;
}

/// A value that a vector is made of.
pub trait Out: Sized {
    type Builder;

    fn builder(rows: usize) -> Self::Builder;
    fn push(builder: &mut Self::Builder, value: Self);
    fn push_null(builder: &mut Self::Builder);
    fn finish(builder: Self::Builder) -> VectorData;
}

macro_rules! fixed {
    ($type:ty, $accessor:ident, $class:ident) => {
        impl<'a> Arg<'a> for $type {
            type Source = &'a [$type];

            fn source(vector: &'a Vector) -> Self::Source {
                vector.$accessor()
            }

            #[inline(always)]
            fn at(source: Self::Source, at: usize) -> Result<Self> {
                Ok(source[at])
            }
        }

        impl Out for $type {
            type Builder = Vec<$type>;

            fn builder(rows: usize) -> Self::Builder {
                Vec::with_capacity(rows)
            }

            #[inline(always)]
            fn push(builder: &mut Self::Builder, value: Self) {
                builder.push(value);
            }

            fn push_null(builder: &mut Self::Builder) {
                builder.push(Default::default());
            }

            fn finish(builder: Self::Builder) -> VectorData {
                VectorData::$class(builder)
            }
        }
    };
}

fixed!(i16, i16s, I16);
fixed!(i32, i32s, I32);
fixed!(i64, i64s, I64);
fixed!(f32, f32s, F32);
fixed!(f64, f64s, F64);
fixed!([u8; 16], fixed16s, Fixed16);

/// Types that are another one in the vector.
macro_rules! wrapped {
    ($type:ty, $stored:ty, $accessor:ident, $class:ident, $get:expr, $put:expr) => {
        impl<'a> Arg<'a> for $type {
            type Source = &'a [$stored];

            fn source(vector: &'a Vector) -> Self::Source {
                vector.$accessor()
            }

            #[inline(always)]
            fn at(source: Self::Source, at: usize) -> Result<Self> {
                Ok($get(source[at]))
            }
        }

        impl Out for $type {
            type Builder = Vec<$stored>;

            fn builder(rows: usize) -> Self::Builder {
                Vec::with_capacity(rows)
            }

            #[inline(always)]
            fn push(builder: &mut Self::Builder, value: Self) {
                builder.push($put(value));
            }

            fn push_null(builder: &mut Self::Builder) {
                builder.push(Default::default());
            }

            fn finish(builder: Self::Builder) -> VectorData {
                VectorData::$class(builder)
            }
        }
    };
}

wrapped!(bool, u8, bools, Bool, |v| v != 0, u8::from);
// Object ids.
wrapped!(u32, i32, i32s, I32, |v| v as u32, |v| v as i32);
wrapped!(
    Interval,
    [u8; 16],
    fixed16s,
    Fixed16,
    Interval::from_bytes,
    Interval::to_bytes
);
wrapped!(
    TimeTz,
    [u8; 16],
    fixed16s,
    Fixed16,
    TimeTz::from_bytes,
    TimeTz::to_bytes
);

/// Types read from bytes.
macro_rules! from_bytes {
    ($type:ty, $get:expr) => {
        impl<'a> Arg<'a> for $type {
            type Source = &'a ByteVector;

            fn source(vector: &'a Vector) -> Self::Source {
                vector.bytes()
            }

            #[inline(always)]
            fn at(source: Self::Source, at: usize) -> Result<Self> {
                $get(source.get(at))
            }
        }
    };
}

from_bytes!(&'a [u8], Ok);
// Stored text was checked when it came in; what is not UTF-8 all the same is damage.
from_bytes!(&'a str, |bytes| std::str::from_utf8(bytes)
    .map_err(|_| common::Error::corrupted("stored text is not UTF-8")));
from_bytes!(Numeric, Numeric::decode);
from_bytes!(ArrayRef<'a>, ArrayRef::new);
from_bytes!(JsonRef<'a>, JsonRef::new);

/// Results of varying length.
macro_rules! to_bytes {
    ($type:ty, $put:expr) => {
        impl Out for $type {
            type Builder = ByteVector;

            fn builder(rows: usize) -> Self::Builder {
                ByteVector::with_capacity(rows, rows * 8)
            }

            #[inline]
            fn push(builder: &mut Self::Builder, value: Self) {
                $put(&value, &mut builder.bytes);
                builder.end_value();
            }

            fn push_null(builder: &mut Self::Builder) {
                builder.end_value();
            }

            fn finish(builder: Self::Builder) -> VectorData {
                VectorData::Bytes(builder)
            }
        }
    };
}

fn append(value: &impl AsRef<[u8]>, out: &mut Vec<u8>) {
    out.extend_from_slice(value.as_ref());
}

to_bytes!(&[u8], append);
to_bytes!(&str, append);
to_bytes!(Vec<u8>, append);
to_bytes!(String, append);
to_bytes!(Box<[u8]>, append);
to_bytes!(
    std::borrow::Cow<'_, str>,
    |value: &std::borrow::Cow<'_, str>, out: &mut Vec<u8>| {
        out.extend_from_slice(value.as_bytes());
    }
);
to_bytes!(Numeric, Numeric::encode);

/// An argument's values, looked up once a vector.
pub struct Column<'a, A: Arg<'a>> {
    source: A::Source,
    mask: usize,
}

impl<'a, A: Arg<'a>> Clone for Column<'a, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, A: Arg<'a>> Copy for Column<'a, A> {}

impl<'a, A: Arg<'a>> Column<'a, A> {
    pub fn new(vector: &'a Vector) -> Self {
        Self {
            source: A::source(vector),
            mask: vector.index_mask(),
        }
    }

    /// The next argument of a call.
    ///
    /// # Panics
    /// When the call has fewer arguments than the definition: the binder made it.
    pub fn next_of(args: &mut std::slice::Iter<'a, Vector>) -> Self {
        Self::new(
            args.next()
                .expect("a call has the arguments its definition declares"),
        )
    }

    #[inline(always)]
    pub fn at(&self, row: usize) -> Result<A> {
        A::at(self.source, row & self.mask)
    }
}

/// How many rows must be computed (one where all arguments are constant), and which are NULL.
fn frame(args: &[Vector], rows: usize) -> (usize, Option<Bitmap>) {
    let constant = rows > 0 && !args.is_empty() && args.iter().all(Vector::is_constant);
    let count = if constant { 1 } else { rows };
    let mut nulls: Option<Bitmap> = None;
    for arg in args.iter().filter(|arg| arg.has_nulls()) {
        let own = match arg.nulls() {
            Some(own) if own.len() == count => own.clone(),
            Some(own) => Bitmap::filled(count, own.get(0)),
            None => continue,
        };
        match &mut nulls {
            Some(all) => all.union_with(&own),
            None => nulls = Some(own),
        }
    }
    (count, nulls)
}

/// Marks a row NULL in a bitmap that may not be there yet.
fn mark(nulls: &mut Option<Bitmap>, count: usize, at: usize) {
    nulls
        .get_or_insert_with(|| Bitmap::filled(count, false))
        .set(at, true);
}

fn finish(data: VectorData, nulls: Option<Bitmap>, rows: usize) -> Vector {
    let vector = Vector::from_data(data, nulls);
    if vector.len() == rows {
        return vector;
    }
    Vector::constant_of(vector.physical(), vector.get(0), rows)
}

/// Runs `call` for each row that is not NULL and makes the result; `Ok(None)` is NULL.
#[inline]
pub fn build<R: Out>(
    args: &[Vector],
    rows: usize,
    mut call: impl FnMut(usize) -> Result<Option<R>>,
) -> Result<Vector> {
    let (count, mut nulls) = frame(args, rows);
    let mut out = R::builder(count);
    for at in 0..count {
        let value = match &nulls {
            Some(nulls) if nulls.get(at) => None,
            _ => call(at)?,
        };
        match value {
            Some(value) => R::push(&mut out, value),
            None => {
                mark(&mut nulls, count, at);
                R::push_null(&mut out);
            }
        }
    }
    Ok(finish(R::finish(out), nulls, rows))
}

/// As [`build`], of calls that append the value's bytes themselves; `false` is NULL.
pub fn build_written(
    args: &[Vector],
    rows: usize,
    mut call: impl FnMut(usize, &mut Vec<u8>) -> Result<bool>,
) -> Result<Vector> {
    let (count, mut nulls) = frame(args, rows);
    let mut out = ByteVector::with_capacity(count, count * 8);
    for at in 0..count {
        let null = nulls.as_ref().is_some_and(|nulls| nulls.get(at));
        if null || !call(at, &mut out.bytes)? {
            out.abandon_value();
            mark(&mut nulls, count, at);
        }
        out.end_value();
    }
    Ok(finish(VectorData::Bytes(out), nulls, rows))
}

/// A result of any class from functions that look at datums; NULL arguments are theirs to see.
pub fn build_datums(
    physical: Physical,
    args: &[Vector],
    rows: usize,
    mut call: impl FnMut(&[DatumRef<'_>]) -> Result<Datum>,
) -> Result<Vector> {
    let constant = rows > 0 && !args.is_empty() && args.iter().all(Vector::is_constant);
    let count = if constant { 1 } else { rows };
    let mut out = Vector::with_capacity(physical, count);
    let mut values = Vec::with_capacity(args.len());
    for at in 0..count {
        values.clear();
        values.extend(args.iter().map(|arg| arg.get(at)));
        out.push(call(&values)?.as_ref());
    }
    if count == rows {
        return Ok(out);
    }
    Ok(Vector::constant_of(physical, out.get(0), rows))
}

/// What a lifted function may give: a value, perhaps NULL, perhaps an error.
pub trait Outcome<R> {
    fn outcome(self) -> Result<Option<R>>;
}

impl<R: Out> Outcome<R> for R {
    #[inline(always)]
    fn outcome(self) -> Result<Option<R>> {
        Ok(Some(self))
    }
}

impl<R: Out> Outcome<R> for Result<R> {
    #[inline(always)]
    fn outcome(self) -> Result<Option<R>> {
        self.map(Some)
    }
}

impl<R: Out> Outcome<R> for Option<R> {
    #[inline(always)]
    fn outcome(self) -> Result<Option<R>> {
        Ok(self)
    }
}

impl<R: Out> Outcome<R> for Result<Option<R>> {
    #[inline(always)]
    fn outcome(self) -> Result<Option<R>> {
        self
    }
}

/// What a function that writes its value may give.
pub trait Written {
    /// Whether there is a value; else it is NULL.
    fn written(self) -> Result<bool>;
}

impl Written for () {
    fn written(self) -> Result<bool> {
        Ok(true)
    }
}

impl Written for Result<()> {
    fn written(self) -> Result<bool> {
        self.map(|()| true)
    }
}

impl Written for Option<()> {
    fn written(self) -> Result<bool> {
        Ok(self.is_some())
    }
}

impl Written for Result<Option<()>> {
    fn written(self) -> Result<bool> {
        self.map(|value| value.is_some())
    }
}

/// One entry of a table of functions: number, name, types, and the function on plain values.
///
/// `def!(177, "int4pl", [INT4, INT4] -> INT4, Immutable, |a: i32, b: i32| a + b => i32)`; before
/// the arguments may stand a name for the [`crate::EvalContext`], and instead of `value => type`
/// `write out => statement` for a function that appends its value's bytes to `out`. `raw` takes a
/// [`crate::ScalarFn`] and says `strict` or `lax`.
#[macro_export]
macro_rules! def {
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident, raw $strict:ident $call:expr) => {
        $crate::def!(@make $oid, $name, [$($arg),*], $ret, $vol, $crate::def!(@strict $strict), $call)
    };
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     |$($a:ident: $ta:ty),*| write $out:ident => $body:expr) => {
        $crate::def!($oid, $name, [$($arg),*] -> $ret, $vol, _cx |$($a: $ta),*| write $out => $body)
    };
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     |$($a:ident: $ta:ty),*| $body:expr => $r:ty) => {
        $crate::def!($oid, $name, [$($arg),*] -> $ret, $vol, _cx |$($a: $ta),*| $body => $r)
    };
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     $cx:ident |$($a:ident: $ta:ty),*| write $out:ident => $body:expr) => {
        $crate::def!(@make $oid, $name, [$($arg),*], $ret, $vol, true, |$cx, args, rows| {
            let mut _columns = args.iter();
            $(let $a = $crate::lift::Column::<$ta>::next_of(&mut _columns);)*
            $crate::lift::build_written(args, rows, |_at, $out| {
                $(let $a = $a.at(_at)?;)*
                $crate::lift::Written::written($body)
            })
        })
    };
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     $cx:ident |$($a:ident: $ta:ty),*| $body:expr => $r:ty) => {
        $crate::def!(@make $oid, $name, [$($arg),*], $ret, $vol, true, |$cx, args, rows| {
            let mut _columns = args.iter();
            $(let $a = $crate::lift::Column::<$ta>::next_of(&mut _columns);)*
            $crate::lift::build(args, rows, |_at| {
                $(let $a = $a.at(_at)?;)*
                $crate::lift::Outcome::<$r>::outcome($body)
            })
        })
    };
    (@strict strict) => { true };
    (@strict lax) => { false };
    (@make $oid:expr, $name:expr, [$($arg:ident),*], $ret:ident, $vol:ident, $strict:expr, $call:expr) => {
        $crate::FunctionDef {
            oid: $oid,
            name: $name,
            args: &[$(types::TypeOid::$arg),*],
            variadic: None,
            defaults: 0,
            ret: types::TypeOid::$ret,
            strict: $strict,
            volatility: $crate::Volatility::$vol,
            kind: $crate::FunctionKind::Scalar($call),
        }
    };
}
