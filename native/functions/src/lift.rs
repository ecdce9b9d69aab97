//! Plain functions over values, lifted to vectors.
//!
//! `lift1` to `lift3` run a function on each row whose arguments are all there and give NULL for the
//! others, so the functions they take are strict and see no NULL. Results of varying length are
//! appended to one buffer: nothing is allocated a row.

use common::Result;
use types::{Bitmap, ByteVector, Vector, VectorData};

/// A value read from a vector.
pub trait Arg<'a>: Sized {
    /// What is looked up once a vector.
    type Source: Copy;

    fn source(vector: &'a Vector) -> Self::Source;
    fn at(source: Self::Source, at: usize) -> Self;
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
    ($type:ty, $class:ident) => {
        impl<'a> Arg<'a> for $type {
            type Source = &'a [$type];

            fn source(vector: &'a Vector) -> Self::Source {
                match vector.data() {
                    VectorData::$class(values) => values,
                    other => panic!("a function got a vector of class {:?}", other.physical()),
                }
            }

            #[inline]
            fn at(source: Self::Source, at: usize) -> Self {
                source[at]
            }
        }

        impl Out for $type {
            type Builder = Vec<$type>;

            fn builder(rows: usize) -> Self::Builder {
                Vec::with_capacity(rows)
            }

            #[inline]
            fn push(builder: &mut Self::Builder, value: Self) {
                builder.push(value);
            }

            #[inline]
            fn push_null(builder: &mut Self::Builder) {
                builder.push(Default::default());
            }

            fn finish(builder: Self::Builder) -> VectorData {
                VectorData::$class(builder)
            }
        }
    };
}

fixed!(i16, I16);
fixed!(i32, I32);
fixed!(i64, I64);
fixed!(f32, F32);
fixed!(f64, F64);
fixed!([u8; 16], Fixed16);

impl<'a> Arg<'a> for bool {
    type Source = &'a [u8];

    fn source(vector: &'a Vector) -> Self::Source {
        match vector.data() {
            VectorData::Bool(values) => values,
            other => panic!("a function got a vector of class {:?}", other.physical()),
        }
    }

    #[inline]
    fn at(source: Self::Source, at: usize) -> Self {
        source[at] != 0
    }
}

impl Out for bool {
    type Builder = Vec<u8>;

    fn builder(rows: usize) -> Self::Builder {
        Vec::with_capacity(rows)
    }

    #[inline]
    fn push(builder: &mut Self::Builder, value: Self) {
        builder.push(value.into());
    }

    #[inline]
    fn push_null(builder: &mut Self::Builder) {
        builder.push(0);
    }

    fn finish(builder: Self::Builder) -> VectorData {
        VectorData::Bool(builder)
    }
}

impl<'a> Arg<'a> for &'a [u8] {
    type Source = &'a ByteVector;

    fn source(vector: &'a Vector) -> Self::Source {
        match vector.data() {
            VectorData::Bytes(values) => values,
            other => panic!("a function got a vector of class {:?}", other.physical()),
        }
    }

    #[inline]
    fn at(source: Self::Source, at: usize) -> Self {
        source.get(at)
    }
}

impl<'a> Arg<'a> for &'a str {
    type Source = &'a ByteVector;

    fn source(vector: &'a Vector) -> Self::Source {
        <&[u8]>::source(vector)
    }

    #[inline]
    fn at(source: Self::Source, at: usize) -> Self {
        // Stored text was checked when it came in; what is not UTF-8 all the same reads as empty.
        std::str::from_utf8(source.get(at)).unwrap_or_default()
    }
}

/// A result of varying length: `None` is NULL.
impl Out for Vec<u8> {
    type Builder = ByteVector;

    fn builder(rows: usize) -> Self::Builder {
        ByteVector::with_capacity(rows, rows * 8)
    }

    fn push(builder: &mut Self::Builder, value: Self) {
        builder.push(&value);
    }

    fn push_null(builder: &mut Self::Builder) {
        builder.push(&[]);
    }

    fn finish(builder: Self::Builder) -> VectorData {
        VectorData::Bytes(builder)
    }
}

impl Out for String {
    type Builder = ByteVector;

    fn builder(rows: usize) -> Self::Builder {
        ByteVector::with_capacity(rows, rows * 8)
    }

    fn push(builder: &mut Self::Builder, value: Self) {
        builder.push(value.as_bytes());
    }

    fn push_null(builder: &mut Self::Builder) {
        builder.push(&[]);
    }

    fn finish(builder: Self::Builder) -> VectorData {
        VectorData::Bytes(builder)
    }
}

/// How many rows must be computed (one where all arguments are constant), and which are NULL.
fn frame(args: &[Vector], rows: usize) -> (usize, Option<Bitmap>) {
    let constant = rows > 0 && args.iter().all(Vector::is_constant);
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

/// Runs `call` for each row that is not NULL and makes the result.
fn build<R: Out>(
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
                nulls
                    .get_or_insert_with(|| Bitmap::filled(count, false))
                    .set(at, true);
                R::push_null(&mut out);
            }
        }
    }
    let vector = Vector::from_data(R::finish(out), nulls);
    Ok(if count == rows {
        vector
    } else {
        repeat(vector, rows)
    })
}

/// A vector of one value as `rows` equal ones.
fn repeat(one: Vector, rows: usize) -> Vector {
    Vector::constant_of(one.physical(), one.get(0), rows)
}

/// Lifts a function of one argument; `Ok(None)` is NULL.
pub fn lift1<'a, A: Arg<'a>, R: Out>(
    args: &'a [Vector],
    rows: usize,
    f: impl Fn(A) -> Result<Option<R>>,
) -> Result<Vector> {
    let a = A::source(&args[0]);
    let mask = args[0].index_mask();
    build(args, rows, |at| f(A::at(a, at & mask)))
}

/// Lifts a function of two arguments.
pub fn lift2<'a, A: Arg<'a>, B: Arg<'a>, R: Out>(
    args: &'a [Vector],
    rows: usize,
    f: impl Fn(A, B) -> Result<Option<R>>,
) -> Result<Vector> {
    let (a, b) = (A::source(&args[0]), B::source(&args[1]));
    let (ma, mb) = (args[0].index_mask(), args[1].index_mask());
    build(args, rows, |at| f(A::at(a, at & ma), B::at(b, at & mb)))
}

/// Lifts a function of three arguments.
pub fn lift3<'a, A: Arg<'a>, B: Arg<'a>, C: Arg<'a>, R: Out>(
    args: &'a [Vector],
    rows: usize,
    f: impl Fn(A, B, C) -> Result<Option<R>>,
) -> Result<Vector> {
    let (a, b, c) = (
        A::source(&args[0]),
        B::source(&args[1]),
        C::source(&args[2]),
    );
    let (ma, mb, mc) = (
        args[0].index_mask(),
        args[1].index_mask(),
        args[2].index_mask(),
    );
    build(args, rows, |at| {
        f(A::at(a, at & ma), B::at(b, at & mb), C::at(c, at & mc))
    })
}

/// What a lifted function may give: a value, perhaps NULL, perhaps an error.
pub trait Outcome<R> {
    fn outcome(self) -> Result<Option<R>>;
}

impl<R: Out> Outcome<R> for R {
    fn outcome(self) -> Result<Option<R>> {
        Ok(Some(self))
    }
}

impl<R: Out> Outcome<R> for Result<R> {
    fn outcome(self) -> Result<Option<R>> {
        self.map(Some)
    }
}

impl<R: Out> Outcome<R> for Result<Option<R>> {
    fn outcome(self) -> Result<Option<R>> {
        self
    }
}

/// One entry of a table of functions: number, name, types, and the function on plain values.
///
/// `def!(177, "int4pl", [INT4, INT4] -> INT4, |a: i32, b: i32| a + b => i32)`
#[macro_export]
macro_rules! def {
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     |$a:ident: $ta:ty| $body:expr => $r:ty) => {
        $crate::def!(@make $oid, $name, [$($arg),*], $ret, $vol, |_cx, args, rows| {
            $crate::lift::lift1(args, rows, |$a: $ta| {
                $crate::lift::Outcome::<$r>::outcome($body)
            })
        })
    };
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     |$a:ident: $ta:ty, $b:ident: $tb:ty| $body:expr => $r:ty) => {
        $crate::def!(@make $oid, $name, [$($arg),*], $ret, $vol, |_cx, args, rows| {
            $crate::lift::lift2(args, rows, |$a: $ta, $b: $tb| {
                $crate::lift::Outcome::<$r>::outcome($body)
            })
        })
    };
    ($oid:expr, $name:expr, [$($arg:ident),*] -> $ret:ident, $vol:ident,
     |$a:ident: $ta:ty, $b:ident: $tb:ty, $c:ident: $tc:ty| $body:expr => $r:ty) => {
        $crate::def!(@make $oid, $name, [$($arg),*], $ret, $vol, |_cx, args, rows| {
            $crate::lift::lift3(args, rows, |$a: $ta, $b: $tb, $c: $tc| {
                $crate::lift::Outcome::<$r>::outcome($body)
            })
        })
    };
    (@make $oid:expr, $name:expr, [$($arg:ident),*], $ret:ident, $vol:ident, $call:expr) => {
        $crate::FunctionDef {
            oid: $oid,
            name: $name,
            args: &[$(types::TypeOid::$arg),*],
            variadic: None,
            defaults: 0,
            ret: types::TypeOid::$ret,
            strict: true,
            volatility: $crate::Volatility::$vol,
            kind: $crate::FunctionKind::Scalar($call),
        }
    };
}
