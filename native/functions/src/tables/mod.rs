//! What the registry is made of: the subject modules' tables, and `pg_operator` and `pg_cast`.

mod casts;
mod operators;
mod subjects;

pub(crate) use casts::{CASTS, CastCode};
pub(crate) use operators::{OPERATORS, OperatorCode};
pub(crate) use subjects::{AGGREGATES, FUNCTIONS, WINDOWS};
