//! Types.

use super::Writer;
use crate::ast::{Expr, ExprKind, Literal, TypeName};

/// Fields of an interval by their bit (PostgreSQL's `INTERVAL_MASK`), in the order of writing.
const FIELDS: &[(i32, &str)] = &[
    (1 << 2, "YEAR"),
    (1 << 1, "MONTH"),
    (1 << 3, "DAY"),
    (1 << 10, "HOUR"),
    (1 << 11, "MINUTE"),
    (1 << 12, "SECOND"),
];
/// The mask of an interval with a precision and no fields.
const ALL_FIELDS: i32 = 0x7FFF;
const SECOND: i32 = 1 << 12;

impl Writer {
    pub(super) fn type_name(&mut self, name: &TypeName) {
        if name.setof {
            self.push("SETOF ");
        }
        let spelled = match (name.names.as_slice(), name.pct_type) {
            ([schema, own], false) if schema == "pg_catalog" => standard(own, &name.typmods),
            _ => None,
        };
        match spelled {
            Some(spelled) => self.push(&spelled),
            None => {
                self.dotted(&name.names);
                if !name.typmods.is_empty() {
                    self.function("", &name.typmods);
                }
            }
        }
        if name.pct_type {
            self.push("%TYPE");
        }
        for bound in &name.array_bounds {
            match bound {
                Some(bound) => self.push(&format!("[{bound}]")),
                None => self.push("[]"),
            }
        }
    }
}

/// SQL's spelling, where it is read as just this type.
fn standard(own: &str, typmods: &[Expr]) -> Option<String> {
    let typmods = typmods.iter().map(int_const).collect::<Option<Vec<_>>>()?;
    Some(match (own, typmods.as_slice()) {
        ("bool", []) => "boolean".into(),
        ("int2", []) => "smallint".into(),
        ("int4", []) => "integer".into(),
        ("int8", []) => "bigint".into(),
        ("float4", []) => "real".into(),
        ("float8", []) => "double precision".into(),
        ("numeric", []) => "numeric".into(),
        ("numeric", [precision]) => format!("numeric({precision})"),
        ("numeric", [precision, scale]) if *scale >= 0 => format!("numeric({precision},{scale})"),
        ("varchar", []) => "character varying".into(),
        ("varchar", [length]) => format!("character varying({length})"),
        ("bpchar", [length]) => format!("character({length})"),
        ("bit", [length]) => format!("bit({length})"),
        ("varbit", []) => "bit varying".into(),
        ("varbit", [length]) => format!("bit varying({length})"),
        ("time", []) => "time without time zone".into(),
        ("time", [precision]) => format!("time({precision}) without time zone"),
        ("timetz", []) => "time with time zone".into(),
        ("timetz", [precision]) => format!("time({precision}) with time zone"),
        ("timestamp", []) => "timestamp without time zone".into(),
        ("timestamp", [precision]) => format!("timestamp({precision}) without time zone"),
        ("timestamptz", []) => "timestamp with time zone".into(),
        ("timestamptz", [precision]) => format!("timestamp({precision}) with time zone"),
        ("interval", typmods) => interval(typmods)?,
        _ => return None,
    })
}

fn interval(typmods: &[i32]) -> Option<String> {
    let (mask, precision) = match typmods {
        [] => return Some("interval".into()),
        [ALL_FIELDS, precision] => return Some(format!("interval({precision})")),
        [mask] => (*mask, None),
        [mask, precision] if mask & SECOND != 0 => (*mask, Some(*precision)),
        _ => return None,
    };
    let fields: Vec<&str> = FIELDS
        .iter()
        .filter(|f| mask & f.0 != 0)
        .map(|f| f.1)
        .collect();
    let (first, last) = (*fields.first()?, *fields.last()?);
    let start = FIELDS.iter().position(|f| f.1 == first)?;
    // Only these ranges can be written; others, which the grammar cannot make, go by number.
    let can_be_range = matches!(
        (first, last),
        ("YEAR", "MONTH") | ("DAY" | "HOUR" | "MINUTE", "HOUR" | "MINUTE" | "SECOND")
    );
    let run: i32 = FIELDS[start..start + fields.len()]
        .iter()
        .map(|f| f.0)
        .sum();
    if run != mask || (first != last && !can_be_range) {
        return None;
    }
    let mut text = format!("interval {first}");
    if first != last {
        text.push_str(&format!(" TO {last}"));
    }
    if let Some(precision) = precision {
        text.push_str(&format!("({precision})"));
    }
    Some(text)
}

fn int_const(expr: &Expr) -> Option<i32> {
    match &expr.kind {
        ExprKind::Const(Literal::Int(value)) if *value >= 0 => Some(*value),
        _ => None,
    }
}
