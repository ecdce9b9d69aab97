//! Statements about sessions, transactions, cursors and maintenance.

use super::{Expr, FuncCall, Literal, Location, RelationName, Statement, TableRef, TypeName};

/// `name = value` of a WITH list, of EXPLAIN, COPY, CREATE DATABASE and their like.
#[derive(Debug, Clone, PartialEq)]
pub struct UtilityOption {
    /// `namespace.name`, as in `toast.autovacuum_enabled`.
    pub namespace: Option<String>,
    pub name: String,
    pub value: OptionValue,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// The name stood alone, which for a switch means on.
    None,
    Bool(bool),
    Int(i32),
    /// Any other number, as written.
    Number(String),
    /// A string or a bare word.
    String(String),
    /// `*`.
    Star,
    /// A parenthesised list of words.
    List(Vec<String>),
    /// A dotted name, perhaps of a type with modifiers: what a bare word of a WITH list is.
    Type(TypeName),
    /// NULL.
    Null,
    Role(super::RoleSpec),
    Roles(Vec<super::RoleSpec>),
}

impl OptionValue {
    /// The text of a string, a bare word or a number, as PostgreSQL's `defGetString` gives it.
    pub fn as_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(match self {
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            Self::Int(value) => value.to_string().into(),
            Self::Number(text) | Self::String(text) => text.as_str().into(),
            Self::Star => "*".into(),
            Self::List(parts) => parts.join(".").into(),
            Self::Type(name) => name.names.join(".").into(),
            Self::None | Self::Null | Self::Role(_) | Self::Roles(_) => return None,
        })
    }

    /// The switch it sets, as PostgreSQL's `defGetBoolean` reads it: alone, `true`, `on`, 1, ..
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::None => Some(true),
            Self::Bool(value) => Some(*value),
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            Self::Int(_) | Self::Number(_) => None,
            other => match other.as_text()?.to_ascii_lowercase().as_str() {
                "true" | "on" => Some(true),
                "false" | "off" => Some(false),
                _ => None,
            },
        }
    }
}

/// BEGIN, COMMIT, ROLLBACK, savepoints and two-phase commit.
#[derive(Debug, Clone, PartialEq)]
pub enum Transaction {
    Begin {
        modes: TransactionModes,
        start: bool,
    },
    Commit {
        chain: bool,
    },
    Rollback {
        chain: bool,
    },
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    Prepare(String),
    CommitPrepared(String),
    RollbackPrepared(String),
}

/// The modes of BEGIN and SET TRANSACTION; of a repeated one the last counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TransactionModes {
    pub isolation: Option<IsolationLevel>,
    pub read_only: Option<bool>,
    pub deferrable: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsolationLevel {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// SET and RESET. SET LOCAL has `local`.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    pub local: bool,
    pub action: SetAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SetAction {
    /// `SET name = values`. Names are folded and may hold dots; `SET TIME ZONE` is `timezone`,
    /// `SET NAMES` is `client_encoding`, `SET SCHEMA` is `search_path`.
    Value {
        name: String,
        values: Vec<SetValue>,
    },
    /// `SET name TO DEFAULT`.
    Default {
        name: String,
    },
    /// `SET name FROM CURRENT` (only inside CREATE FUNCTION and ALTER ROLE).
    FromCurrent {
        name: String,
    },
    /// `SET TRANSACTION modes`.
    Transaction(TransactionModes),
    /// `SET SESSION CHARACTERISTICS AS TRANSACTION modes`.
    SessionCharacteristics(TransactionModes),
    /// `SET TRANSACTION SNAPSHOT 'id'`.
    Snapshot(String),
    Reset {
        name: String,
    },
    ResetAll,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetValue {
    Const(Literal),
    /// `SET TIME ZONE INTERVAL 'text' HOUR TO MINUTE`; `typmods` as in [`TypeName`].
    Interval {
        text: String,
        typmods: Vec<i32>,
    },
}

impl SetValue {
    /// The value as the setting's text.
    pub fn as_text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Const(Literal::Null) => "".into(),
            Self::Const(Literal::Bool(true)) => "true".into(),
            Self::Const(Literal::Bool(false)) => "false".into(),
            Self::Const(Literal::Int(value)) => value.to_string().into(),
            Self::Const(Literal::Number(text) | Literal::String(text)) => text.as_str().into(),
            Self::Const(Literal::BitString(text)) => text.as_str().into(),
            Self::Interval { text, .. } => text.as_str().into(),
        }
    }
}

/// SHOW; `SHOW ALL` has the name `all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Prepare {
    pub name: String,
    pub param_types: Vec<TypeName>,
    pub statement: Box<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Execute {
    pub name: String,
    pub params: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeclareCursor {
    pub name: String,
    pub binary: bool,
    /// SCROLL or NO SCROLL, where either was written.
    pub scroll: Option<bool>,
    /// `INSENSITIVE` true, `ASENSITIVE` false.
    pub insensitive: Option<bool>,
    pub hold: bool,
    pub query: Box<Statement>,
}

/// FETCH, and MOVE with `is_move`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    pub cursor: String,
    pub direction: FetchDirection,
    /// Rows, or a position; [`FETCH_ALL`] for ALL.
    pub count: i64,
    pub is_move: bool,
}

/// The count of `FETCH ALL`.
pub const FETCH_ALL: i64 = i64::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchDirection {
    Forward,
    Backward,
    Absolute,
    Relative,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Explain {
    /// `analyze`, `verbose`, `costs`, `buffers`, `format`, ..; unchecked.
    pub options: Vec<UtilityOption>,
    pub statement: Box<Statement>,
}

/// VACUUM, and ANALYZE with `is_analyze`.
#[derive(Debug, Clone, PartialEq)]
pub struct Vacuum {
    pub is_analyze: bool,
    pub options: Vec<UtilityOption>,
    /// Empty: all tables.
    pub relations: Vec<VacuumRelation>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct VacuumRelation {
    pub table: RelationName,
    pub only: bool,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LockTable {
    pub relations: Vec<TableRef>,
    pub mode: TableLockMode,
    pub nowait: bool,
}

/// PostgreSQL's table lock modes, weakest first; the discriminants are its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableLockMode {
    AccessShare = 1,
    RowShare = 2,
    RowExclusive = 3,
    ShareUpdateExclusive = 4,
    Share = 5,
    ShareRowExclusive = 6,
    Exclusive = 7,
    AccessExclusive = 8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discard {
    All,
    Plans,
    Sequences,
    Temp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reindex {
    pub target: ReindexTarget,
    /// `verbose`, `tablespace`, `concurrently`; unchecked.
    pub options: Vec<UtilityOption>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ReindexTarget {
    Index(RelationName),
    Table(RelationName),
    Schema(String),
    /// `None`: the current one.
    System(Option<String>),
    Database(Option<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// `None`: all tables clustered before.
    pub table: Option<RelationName>,
    pub index: Option<String>,
    pub options: Vec<UtilityOption>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SetConstraints {
    /// Empty: ALL.
    pub constraints: Vec<RelationName>,
    pub deferred: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub call: FuncCall,
    pub location: Location,
}
