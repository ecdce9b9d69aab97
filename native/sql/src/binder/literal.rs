//! Literals: their types, and the reading of untyped ones as the type that is wanted.

use super::binder::Binder;
use super::typed::Typed;
use crate::ir::Expr;
use common::{Error, Result, err, sqlstate};
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
        if ty.oid == TypeOid::REGCLASS {
            return self
                .read_regclass(text)
                .map_err(|error| self.error_at(location, error));
        }
        types::parse_text(ty, text, self.cx.text).map_err(|error| self.error_at(location, error))
    }
}

impl Binder<'_> {
    /// A relation by oid or name, of the catalog that is bound against: a statement may name what
    /// it has just made.
    fn read_regclass(&self, text: &str) -> Result<Datum> {
        if text == "-" {
            return Ok(Datum::oid(0));
        }
        if let Ok(oid) = text.parse::<u32>() {
            return Ok(Datum::oid(oid));
        }
        let parts = split_name(text)?;
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name),
            [schema, name] => (Some(schema.clone()), name),
            _ => return Err(invalid_name()),
        };
        let relation = parser::RelationName {
            database: None,
            schema,
            name: name.clone(),
            location: Location::NONE,
        };
        match self.lookup(&relation)? {
            Some(found) => Ok(Datum::oid(found.oid().0)),
            None => Err(err!(
                sqlstate::UNDEFINED_TABLE,
                "relation \"{}\" does not exist",
                parts.join(".")
            )),
        }
    }
}

fn invalid_name() -> Error {
    Error::new(sqlstate::INVALID_NAME, "invalid name syntax")
}

/// Takes a dotted name apart: bare parts are folded, quoted ones taken as they are.
pub(crate) fn split_name(text: &str) -> Result<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_part(quoted)?,
            None => {
                let end = rest.find(['.', ' ']).unwrap_or(rest.len());
                (rest[..end].to_lowercase(), &rest[end..])
            }
        };
        if part.is_empty() {
            return Err(invalid_name());
        }
        parts.push(part);
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(parts);
        }
        rest = rest
            .strip_prefix('.')
            .ok_or_else(invalid_name)?
            .trim_start();
    }
}

/// What stands before the closing quote, and what after it.
fn quoted_part(text: &str) -> Result<(String, &str)> {
    let mut part = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '"' {
            part.push(c);
        } else if chars.next_if(|(_, next)| *next == '"').is_some() {
            part.push('"');
        } else {
            return Ok((part, &text[at + 1..]));
        }
    }
    Err(invalid_name())
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
