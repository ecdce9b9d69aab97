//! Text to statements: limits, the call into the grammar, and its errors.

use common::sqlstate;
use common::{Error, Result, SqlState, limits};

use crate::ast::Statement;
use crate::lower::Lower;
use crate::token_count::exceeds_tokens;

/// The most tokens of one text, which bounds the memory its tree takes; more answer 54001.
pub const MAX_TOKENS: usize = 1_000_000;

/// One statement of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedStatement {
    pub stmt: Statement,
    /// Where the statement's text starts, in bytes of the whole text; locations in `stmt` count
    /// from the start of the whole text as well.
    pub start_byte: u32,
    /// Without the semicolon.
    pub len_bytes: u32,
    /// The highest `$n` in it; 0 without parameters.
    pub max_param: u32,
}

impl ParsedStatement {
    /// The statement's own text; `sql` is the text that was parsed.
    pub fn text<'s>(&self, sql: &'s str) -> &'s str {
        let start = self.start_byte as usize;
        sql.get(start..start + self.len_bytes as usize)
            .unwrap_or(sql)
    }
}

/// Parses a text of any number of statements, separated by semicolons; empty ones vanish.
///
/// Errors are PostgreSQL's, with its wording, SQLSTATE and position (1-based, in characters).
/// Safe from any number of threads; stack use is bounded whatever the text.
pub fn parse(sql: &str) -> Result<Vec<ParsedStatement>> {
    check_limits(sql)?;
    let tree = match pg_raw_parse::parse(sql) {
        Ok(result) => result.into_inner(),
        Err(error) => return Err(crate::raw_error::describe(sql, &error)),
    };
    let mut statements = Vec::with_capacity(tree.len());
    for raw in tree.iter() {
        let mut lower = Lower::new(sql);
        let stmt = lower.statement(raw.stmt())?;
        let (start_byte, len_bytes) = extent(sql, raw.stmt_location, raw.stmt_len);
        statements.push(ParsedStatement {
            stmt,
            start_byte,
            len_bytes,
            max_param: lower.max_param,
        });
    }
    Ok(statements)
}

/// The statement's place without white space around it. A length of 0 is the rest of the text.
fn extent(sql: &str, location: i32, len: i32) -> (u32, u32) {
    let start = usize::try_from(location).unwrap_or(0).min(sql.len());
    let end = match usize::try_from(len) {
        Ok(len) if len > 0 => (start + len).min(sql.len()),
        _ => sql.len(),
    };
    let text = sql.get(start..end).unwrap_or_default();
    let trimmed = text.trim_ascii_start();
    let start = start + (text.len() - trimmed.len());
    // Texts are at most 16 MiB, so both fit.
    (start as u32, trimmed.trim_ascii_end().len() as u32)
}

fn check_limits(sql: &str) -> Result<()> {
    if sql.len() > limits::MAX_STATEMENT_BYTES {
        return Err(
            Error::new(sqlstate::PROGRAM_LIMIT_EXCEEDED, "statement is too long").with_detail(
                format!(
                    "The text has {} bytes; the limit is {}.",
                    sql.len(),
                    limits::MAX_STATEMENT_BYTES
                ),
            ),
        );
    }
    if memchr::memchr(0, sql.as_bytes()).is_some() {
        return Err(nul_error());
    }
    // A token is at least a byte, so short texts need no count.
    if sql.len() > MAX_TOKENS && exceeds_tokens(sql.as_bytes(), MAX_TOKENS) {
        return Err(
            Error::new(sqlstate::STATEMENT_TOO_COMPLEX, "statement is too complex")
                .with_detail(format!("The text has more than {MAX_TOKENS} tokens.")),
        );
    }
    Ok(())
}

fn nul_error() -> Error {
    Error::new(
        sqlstate::CHARACTER_NOT_IN_REPERTOIRE,
        "invalid byte sequence for encoding \"UTF8\": 0x00",
    )
}

/// 54001 in PostgreSQL's words.
pub(crate) fn too_deep() -> Error {
    Error::new(
        sqlstate::STATEMENT_TOO_COMPLEX,
        "stack depth limit exceeded",
    )
    .with_hint(
        "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after \
         ensuring the platform's stack depth limit is adequate.",
    )
}

/// An error at a place of `sql`.
pub(crate) fn error_at(
    sql: &str,
    location: crate::ast::Location,
    state: SqlState,
    message: impl Into<String>,
) -> Error {
    let error = Error::new(state, message);
    match location.position(sql) {
        Some(position) => error.with_position(position),
        None => error,
    }
}
