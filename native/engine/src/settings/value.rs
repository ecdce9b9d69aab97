//! Values of settings: parsing with units, and the form that SHOW gives (PostgreSQL's guc.c).

use common::{Result, bail, sqlstate};

use super::definition::{Definition, Kind, Unit};

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Bool(bool),
    /// In the setting's own unit.
    Int(i64),
    Real(f64),
    Text(String),
}

impl Value {
    /// Reads `text` as a value of `definition`; 22023 when it is none.
    pub fn parse(definition: &Definition, text: &str) -> Result<Self> {
        let name = definition.name;
        match definition.kind {
            Kind::Bool => match parse_bool(text) {
                Some(value) => Ok(Self::Bool(value)),
                None => bail!(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    "parameter \"{name}\" requires a Boolean value"
                ),
            },
            Kind::Int { min, max, unit } => parse_int(name, text, min, max, unit).map(Self::Int),
            Kind::Real { min, max } => match text.trim().parse::<f64>() {
                Ok(value) if (min..=max).contains(&value) => Ok(Self::Real(value)),
                Ok(value) => bail!(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    "{value} is outside the valid range for parameter \"{name}\" ({min} .. {max})"
                ),
                Err(_) => invalid(name, text),
            },
            Kind::Text => Ok(Self::Text(text.to_owned())),
            Kind::Enum(words) => match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
                Some(word) => Ok(Self::Text((*word).to_owned())),
                None => enum_alias(definition, text),
            },
        }
    }

    /// As SHOW prints it, with the largest unit that divides it.
    pub fn show(&self, definition: &Definition) -> String {
        match (self, definition.kind) {
            (Self::Bool(value), _) => if *value { "on" } else { "off" }.to_owned(),
            (Self::Int(value), Kind::Int { unit, .. }) => show_int(*value, unit),
            (Self::Int(value), _) => value.to_string(),
            (Self::Real(value), _) => value.to_string(),
            (Self::Text(value), _) => value.clone(),
        }
    }

    pub fn as_bool(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    pub fn as_int(&self) -> i64 {
        if let Self::Int(value) = self {
            *value
        } else {
            0
        }
    }

    pub fn as_str(&self) -> &str {
        if let Self::Text(value) = self {
            value
        } else {
            ""
        }
    }
}

fn invalid<T>(name: &str, text: &str) -> Result<T> {
    bail!(
        sqlstate::INVALID_PARAMETER_VALUE,
        "invalid value for parameter \"{name}\": \"{text}\""
    )
}

/// `on`, `off` and the unique prefixes of `true`, `false`, `yes`, `no` (parse_bool in bool.c).
fn parse_bool(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let prefix = |word: &str| !text.is_empty() && word.starts_with(&text);
    match text.as_str() {
        "on" | "1" => Some(true),
        "off" | "of" | "0" => Some(false),
        _ if prefix("true") || prefix("yes") => Some(true),
        _ if prefix("false") || prefix("no") => Some(false),
        _ => None,
    }
}

fn enum_alias(definition: &Definition, text: &str) -> Result<Value> {
    let Kind::Enum(words) = definition.kind else {
        return invalid(definition.name, text);
    };
    // Settings that were Boolean once still take Boolean words.
    let alias = match parse_bool(text) {
        Some(true) => "on",
        Some(false) => "off",
        None => "",
    };
    match words.iter().find(|word| **word == alias) {
        Some(word) => Ok(Value::Text((*word).to_owned())),
        None => Err(invalid::<()>(definition.name, text)
            .expect_err("it is an error")
            .with_hint(format!("Available values: {}.", words.join(", ")))),
    }
}

/// Units with their size in the smallest one of their family.
const TIME_UNITS: &[(&str, f64)] = &[
    ("us", 0.001),
    ("ms", 1.0),
    ("s", 1000.0),
    ("min", 60_000.0),
    ("h", 3_600_000.0),
    ("d", 86_400_000.0),
];
const MEMORY_UNITS: &[(&str, f64)] = &[
    ("B", 1.0),
    ("kB", 1024.0),
    ("MB", 1_048_576.0),
    ("GB", 1_073_741_824.0),
    ("TB", 1_099_511_627_776.0),
];

fn base(unit: Unit) -> (f64, &'static [(&'static str, f64)]) {
    match unit {
        Unit::None => (1.0, &[]),
        Unit::Ms => (1.0, TIME_UNITS),
        Unit::KiB => (1024.0, MEMORY_UNITS),
        Unit::Blocks => (8192.0, MEMORY_UNITS),
    }
}

fn parse_int(name: &str, text: &str, min: i64, max: i64, unit: Unit) -> Result<i64> {
    let trimmed = text.trim();
    let end = trimmed
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+' | 'e' | 'E'))
        .unwrap_or(trimmed.len());
    let (number, suffix) = (&trimmed[..end], trimmed[end..].trim());
    let Ok(number) = number.parse::<f64>() else {
        return invalid(name, text);
    };
    let (own, units) = base(unit);
    let value = if suffix.is_empty() {
        number
    } else {
        match units.iter().find(|(word, _)| *word == suffix) {
            Some((_, size)) => number * size / own,
            None => {
                let error = invalid::<i64>(name, text);
                let words: Vec<_> = units
                    .iter()
                    .map(|(word, _)| format!("\"{word}\""))
                    .collect();
                return match words.is_empty() {
                    true => error,
                    false => error.map_err(|error| {
                        let list = words.join(", ");
                        error.with_hint(format!("Valid units for this parameter are {list}."))
                    }),
                };
            }
        }
    };
    let value = value.round();
    if value < min as f64 || value > max as f64 {
        bail!(
            sqlstate::INVALID_PARAMETER_VALUE,
            "{value} is outside the valid range for parameter \"{name}\" ({min} .. {max})"
        );
    }
    Ok(value as i64)
}

fn show_int(value: i64, unit: Unit) -> String {
    let (own, units) = base(unit);
    if units.is_empty() || value <= 0 {
        return value.to_string();
    }
    let whole = value as f64 * own;
    let fits = |size: f64| size >= own.min(1024.0) && whole % size == 0.0;
    match units.iter().rev().find(|(_, size)| fits(*size)) {
        Some((word, size)) => format!("{}{word}", whole / size),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::definitions::find;
    use super::*;

    fn round(name: &str, text: &str) -> String {
        let definition = find(name).expect("exists");
        match Value::parse(definition, text) {
            Ok(value) => value.show(definition),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn shows_what_postgresql_shows() {
        assert_eq!(round("statement_timeout", "90s"), "90s");
        assert_eq!(round("statement_timeout", "120000"), "2min");
        assert_eq!(round("statement_timeout", "0"), "0");
        assert_eq!(round("work_mem", "4096"), "4MB");
        assert_eq!(round("work_mem", "64kB"), "64kB");
        assert_eq!(round("jit", "tr"), "on");
        assert_eq!(round("synchronous_commit", "false"), "off");
        assert_eq!(
            round("default_transaction_isolation", "Repeatable Read"),
            "repeatable read"
        );
    }

    #[test]
    fn refuses_what_postgresql_refuses() {
        for (name, text, message) in [
            (
                "statement_timeout",
                "abc",
                "invalid value for parameter \"statement_timeout\": \"abc\"",
            ),
            ("statement_timeout", "-1", "-1 is outside the valid range"),
            (
                "work_mem",
                "1kB",
                "1 is outside the valid range for parameter \"work_mem\" (64 ..",
            ),
            ("work_mem", "1s", "invalid value for parameter"),
            ("jit", "maybe", "parameter \"jit\" requires a Boolean value"),
            ("bytea_output", "raw", "invalid value for parameter"),
        ] {
            let shown = round(name, text);
            assert!(
                shown.starts_with("22023: ") && shown.contains(message),
                "{name}: {shown}"
            );
        }
    }
}
