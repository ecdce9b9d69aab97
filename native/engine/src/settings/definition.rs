//! What is known of one setting.

/// The type of a setting's value, with its range.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Bool,
    Int {
        min: i64,
        max: i64,
        unit: Unit,
    },
    Real {
        min: f64,
        max: f64,
    },
    Text,
    /// One of these words, compared without case.
    Enum(&'static [&'static str]),
}

/// The unit of a number without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    None,
    Ms,
    KiB,
    /// Blocks of 8 KiB, PostgreSQL's unit for its buffers.
    Blocks,
}

/// Who may change a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Any session, at any time.
    Session,
    /// A property of the server; 55P02 on SET.
    Internal,
}

/// One setting, as `pg_settings` shows it.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    pub scope: Scope,
    /// Whether a change is told to the client by ParameterStatus.
    pub reported: bool,
    pub description: &'static str,
}
