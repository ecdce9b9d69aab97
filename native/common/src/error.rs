//! The one error type of the native side.
//!
//! [`Error`] is one word on the happy path's return registers: a would-block marker, which never
//! leaves the engine, or a boxed [`SqlError`] with everything a client may be told. Wording and
//! SQLSTATE are PostgreSQL's wherever it has one.

use crate::sqlstate::{self, SqlState};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of an operation.
#[derive(Debug, Clone)]
pub enum Error {
    /// Something would have to be waited for and the caller asked not to wait. The operation had no
    /// effect; it is run again where waiting is allowed. Never shown to a client.
    WouldBlock,
    /// A failure to report.
    Sql(Box<SqlError>),
}

/// The fields of PostgreSQL's ErrorResponse that we fill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlError {
    pub state: SqlState,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// 1-based, in characters of the statement's text.
    pub position: Option<u32>,
    pub context: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub data_type: Option<String>,
    pub constraint: Option<String>,
}

impl Error {
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self::Sql(Box::new(SqlError {
            state,
            message: message.into(),
            ..SqlError::default()
        }))
    }

    /// 0A000, for what is named in the grammar but not built.
    pub fn not_implemented(what: impl std::fmt::Display) -> Self {
        Self::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("{what} is not supported"),
        )
    }

    /// XX000: a broken invariant of ours. The message names it; it is not the user's fault.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(sqlstate::INTERNAL_ERROR, message)
    }

    /// XX001: stored bytes that cannot be right.
    pub fn corrupted(message: impl Into<String>) -> Self {
        Self::new(sqlstate::DATA_CORRUPTED, message)
    }

    /// 58030, with the operation and the path that failed.
    pub fn io(what: impl std::fmt::Display, error: &std::io::Error) -> Self {
        let state = match error.raw_os_error() {
            Some(libc::ENOSPC) => sqlstate::DISK_FULL,
            _ => sqlstate::IO_ERROR,
        };
        Self::new(state, format!("{what}: {error}"))
    }

    fn edit(mut self, change: impl FnOnce(&mut SqlError)) -> Self {
        if let Self::Sql(error) = &mut self {
            change(error);
        }
        self
    }

    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        self.edit(|e| e.detail = Some(detail.into()))
    }

    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        self.edit(|e| e.hint = Some(hint.into()))
    }

    pub fn with_context(self, context: impl Into<String>) -> Self {
        self.edit(|e| e.context = Some(context.into()))
    }

    /// `position` is 1-based and in characters; one that is already set stays.
    pub fn with_position(self, position: u32) -> Self {
        self.edit(|e| {
            e.position.get_or_insert(position);
        })
    }

    pub fn with_table(self, schema: impl Into<String>, table: impl Into<String>) -> Self {
        self.edit(|e| {
            e.schema = Some(schema.into());
            e.table = Some(table.into());
        })
    }

    pub fn with_column(self, column: impl Into<String>) -> Self {
        self.edit(|e| e.column = Some(column.into()))
    }

    pub fn with_data_type(self, data_type: impl Into<String>) -> Self {
        self.edit(|e| e.data_type = Some(data_type.into()))
    }

    pub fn with_constraint(self, constraint: impl Into<String>) -> Self {
        self.edit(|e| e.constraint = Some(constraint.into()))
    }

    pub fn state(&self) -> SqlState {
        match self {
            Self::WouldBlock => sqlstate::INTERNAL_ERROR,
            Self::Sql(error) => error.state,
        }
    }

    pub fn is_would_block(&self) -> bool {
        matches!(self, Self::WouldBlock)
    }

    /// What a client is told; a would-block that leaked is a broken invariant and says so.
    pub fn into_sql(self) -> Box<SqlError> {
        match self {
            Self::Sql(error) => error,
            Self::WouldBlock => Box::new(SqlError {
                state: sqlstate::INTERNAL_ERROR,
                message: "an operation that may not wait reached the client".into(),
                ..SqlError::default()
            }),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WouldBlock => f.write_str("would block"),
            Self::Sql(error) => write!(f, "{}: {}", error.state, error.message),
        }
    }
}

impl std::error::Error for Error {}

/// Returns early with an [`Error`]: `bail!(sqlstate::SYNTAX_ERROR, "bad {thing}")`.
#[macro_export]
macro_rules! bail {
    ($state:expr, $($message:tt)+) => {
        return Err($crate::Error::new($state, format!($($message)+)))
    };
}

/// Makes an [`Error`]: `err!(sqlstate::SYNTAX_ERROR, "bad {thing}")`.
#[macro_export]
macro_rules! err {
    ($state:expr, $($message:tt)+) => {
        $crate::Error::new($state, format!($($message)+))
    };
}
