//! A type with its modifier, and how PostgreSQL writes it.

use crate::type_info::type_info;
use crate::type_oid::TypeOid;

/// A type and its modifier (`typmod`), encoded as PostgreSQL does: -1 for none; length + 4 for
/// char, varchar; ((precision << 16) | scale) + 4 for numeric; digits of the second for times;
/// (fields << 16) | digits for interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SqlType {
    pub oid: TypeOid,
    pub typmod: i32,
}

const VARHDRSZ: i32 = 4;

/// Bits of the fields of an interval's modifier.
pub mod interval_field {
    pub const MONTH: i32 = 1 << 1;
    pub const YEAR: i32 = 1 << 2;
    pub const DAY: i32 = 1 << 3;
    pub const HOUR: i32 = 1 << 10;
    pub const MINUTE: i32 = 1 << 11;
    pub const SECOND: i32 = 1 << 12;
    /// All fields.
    pub const FULL: i32 = 0x7FFF;
    /// No limit on the digits of the second.
    pub const FULL_PRECISION: i32 = 0xFFFF;
}

impl SqlType {
    pub const fn new(oid: TypeOid) -> Self {
        Self { oid, typmod: -1 }
    }

    pub const fn with_typmod(oid: TypeOid, typmod: i32) -> Self {
        Self { oid, typmod }
    }

    /// `varchar(n)`; `n` in characters, at least 1.
    pub const fn varchar(n: i32) -> Self {
        Self::with_typmod(TypeOid::VARCHAR, n + VARHDRSZ)
    }

    /// `char(n)`; `n` in characters, at least 1.
    pub const fn bpchar(n: i32) -> Self {
        Self::with_typmod(TypeOid::BPCHAR, n + VARHDRSZ)
    }

    /// `numeric(precision, scale)`; scale from -1000 to 1000.
    pub const fn numeric(precision: i32, scale: i32) -> Self {
        Self::with_typmod(
            TypeOid::NUMERIC,
            ((precision << 16) | (scale & 0x7FF)) + VARHDRSZ,
        )
    }

    /// The length in characters of char(n) and varchar(n).
    pub fn char_length(self) -> Option<usize> {
        usize::try_from(self.typmod - VARHDRSZ).ok()
    }

    /// Precision and scale of numeric(p, s).
    pub fn numeric_precision_scale(self) -> Option<(i32, i32)> {
        if self.typmod < VARHDRSZ {
            return None;
        }
        let typmod = self.typmod - VARHDRSZ;
        // The scale is eleven bits in two's complement.
        let scale = ((typmod & 0x7FF) ^ 1024) - 1024;
        Some(((typmod >> 16) & 0xFFFF, scale))
    }

    /// Digits of the second (0 to 6) of time, timestamp and interval types.
    pub fn second_digits(self) -> Option<u32> {
        if self.typmod < 0 {
            return None;
        }
        if self.oid == TypeOid::INTERVAL {
            let digits = self.typmod & 0xFFFF;
            return (digits <= 6).then_some(digits as u32);
        }
        Some((self.typmod as u32).min(6))
    }
}

impl From<TypeOid> for SqlType {
    fn from(oid: TypeOid) -> Self {
        Self::new(oid)
    }
}

impl std::fmt::Display for SqlType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&format_type(self.oid, self.typmod))
    }
}

/// The name of a type as PostgreSQL's `format_type` writes it, "???" for one that is not built in.
pub fn format_type(oid: TypeOid, typmod: i32) -> String {
    if oid == TypeOid::INVALID {
        return "-".into();
    }
    let Some(info) = type_info(oid) else {
        return "???".into();
    };
    if info.is_array() && info.name.starts_with('_') {
        return format!("{}[]", format_type(info.elem_oid, typmod));
    }
    let ty = SqlType::with_typmod(oid, typmod);
    match oid {
        // Without a length `character` would mean character(1).
        TypeOid::BPCHAR if typmod == -1 => info.sql_name.into(),
        TypeOid::BPCHAR | TypeOid::VARCHAR => match ty.char_length() {
            Some(n) => format!("{}({n})", info.sql_name),
            None => info.sql_name.into(),
        },
        TypeOid::NUMERIC => match ty.numeric_precision_scale() {
            Some((precision, scale)) => format!("numeric({precision},{scale})"),
            None => info.sql_name.into(),
        },
        TypeOid::TIME | TypeOid::TIMESTAMP => timed(typmod, info.name, " without time zone"),
        TypeOid::TIMETZ => timed(typmod, "time", " with time zone"),
        TypeOid::TIMESTAMPTZ => timed(typmod, "timestamp", " with time zone"),
        TypeOid::INTERVAL => format_interval_type(typmod),
        _ => info.sql_name.into(),
    }
}

fn timed(typmod: i32, name: &str, zone: &str) -> String {
    match typmod {
        ..0 => format!("{name}{zone}"),
        digits => format!("{name}({digits}){zone}"),
    }
}

fn format_interval_type(typmod: i32) -> String {
    use interval_field::{DAY, HOUR, MINUTE, MONTH, SECOND, YEAR};
    if typmod < 0 {
        return "interval".into();
    }
    let fields = (typmod >> 16) & interval_field::FULL;
    let digits = typmod & 0xFFFF;
    const NAMED: &[(i32, &str)] = &[
        (YEAR, " year"),
        (MONTH, " month"),
        (DAY, " day"),
        (HOUR, " hour"),
        (MINUTE, " minute"),
        (SECOND, " second"),
        (YEAR | MONTH, " year to month"),
        (DAY | HOUR, " day to hour"),
        (DAY | HOUR | MINUTE, " day to minute"),
        (DAY | HOUR | MINUTE | SECOND, " day to second"),
        (HOUR | MINUTE, " hour to minute"),
        (HOUR | MINUTE | SECOND, " hour to second"),
        (MINUTE | SECOND, " minute to second"),
    ];
    let named = NAMED
        .iter()
        .find(|(mask, _)| *mask == fields)
        .map_or("", |(_, name)| name);
    match digits {
        interval_field::FULL_PRECISION => format!("interval{named}"),
        _ => format!("interval{named}({digits})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_postgresql_does() {
        assert_eq!(SqlType::varchar(3).to_string(), "character varying(3)");
        assert_eq!(SqlType::numeric(10, 2).to_string(), "numeric(10,2)");
        assert_eq!(
            SqlType::numeric(10, -2).numeric_precision_scale(),
            Some((10, -2))
        );
        assert_eq!(format_type(TypeOid::INT4_ARRAY, -1), "integer[]");
        assert_eq!(
            format_type(TypeOid::TIMESTAMPTZ, 3),
            "timestamp(3) with time zone"
        );
        assert_eq!(format_type(TypeOid::CHAR, -1), "\"char\"");
        assert_eq!(format_type(TypeOid::INTERVAL, 0x7FFF_FFFF), "interval");
    }
}
