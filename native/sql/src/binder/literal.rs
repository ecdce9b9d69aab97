//! Literals: their types, and the reading of untyped ones as the type that is wanted.

use super::binder::Binder;
use super::typed::Typed;
use crate::ir::Expr;
use common::{Error, Result};
use parser::{Literal, Location};
use types::{Datum, SqlType, TypeOid};

impl Binder<'_> {
    pub(super) fn bind_literal(&mut self, literal: &Literal, location: Location) -> Result<Typed> {
        let (value, oid) = match literal {
            Literal::Null => (Datum::Null, TypeOid::UNKNOWN),
            Literal::Bool(value) => (Datum::Bool(*value), TypeOid::BOOL),
            Literal::Int(value) => (Datum::I32(*value), TypeOid::INT4),
            Literal::String(text) => (Datum::text(text), TypeOid::UNKNOWN),
            Literal::BitString(_) => {
                return Err(self.error_at(location, Error::not_implemented("type bit")));
            }
            Literal::Number(digits) => return self.bind_number(digits, location),
        };
        Ok(Typed::plain(Expr::constant(value, oid.into()), location))
    }

    /// `int8` if it fits, else `numeric` (`make_const`).
    fn bind_number(&mut self, digits: &str, location: Location) -> Result<Typed> {
        let (value, oid) = match parse_integer(digits) {
            Some(value) => match i32::try_from(value) {
                Ok(small) => (Datum::I32(small), TypeOid::INT4),
                Err(_) => (Datum::I64(value), TypeOid::INT8),
            },
            None => (
                self.read_text(digits, TypeOid::NUMERIC.into(), location)?,
                TypeOid::NUMERIC,
            ),
        };
        Ok(Typed::plain(Expr::constant(value, oid.into()), location))
    }

    /// Notes a literal whose meaning depends on the session's time zone, date style or clock.
    pub(super) fn note_literal(&mut self, oid: TypeOid) {
        let dated = matches!(
            oid,
            TypeOid::DATE
                | TypeOid::TIME
                | TypeOid::TIMETZ
                | TypeOid::TIMESTAMP
                | TypeOid::TIMESTAMPTZ
                | TypeOid::INTERVAL
        );
        self.depends_on_settings |= dated;
    }

    /// Reads the text form of a value, as the type's input function does.
    pub(super) fn read_text(&self, text: &str, ty: SqlType, location: Location) -> Result<Datum> {
        types::parse_text(ty, text, self.cx.text).map_err(|error| self.error_at(location, error))
    }
}

/// A whole number within `bigint`, in any of SQL's notations.
fn parse_integer(digits: &str) -> Option<i64> {
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let radix = |prefix: &str, radix| {
        let rest = plain.strip_prefix(prefix)?;
        Some(i64::from_str_radix(rest, radix))
    };
    let lower = plain.to_ascii_lowercase();
    if lower != plain {
        return parse_integer(&lower);
    }
    let parsed = radix("0x", 16)
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0b", 2));
    parsed.unwrap_or_else(|| plain.parse()).ok()
}
