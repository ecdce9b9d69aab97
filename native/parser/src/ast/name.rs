//! Names of relations, operators, types and roles, already folded and truncated by the scanner.

use super::{Expr, Location};

/// A dotted name of an object that is not a relation: a function, an operator's schema, a type,
/// a collation. Never empty; the last part is the object itself, the one before it its schema.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QualifiedName {
    pub parts: Vec<String>,
    pub location: Location,
}

impl QualifiedName {
    /// The object's own name.
    pub fn name(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// The schema, where one was written.
    pub fn schema(&self) -> Option<&str> {
        let at = self.parts.len().checked_sub(2)?;
        Some(self.parts[at].as_str())
    }

    /// Whether the name was written (or made by the grammar) as `pg_catalog.<name>`.
    pub fn is_pg_catalog(&self, name: &str) -> bool {
        matches!(self.parts.as_slice(), [schema, own] if schema == "pg_catalog" && own == name)
    }
}

/// A relation's name: `[[database.]schema.]name`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelationName {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub name: String,
    pub location: Location,
}

/// How long a relation that is being created lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Persistence {
    #[default]
    Permanent,
    Unlogged,
    Temporary,
}

/// The alias of a FROM item: `AS name (column, ...)`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableAlias {
    pub name: String,
    /// New names of the first columns; may be shorter than the item has columns.
    pub columns: Vec<String>,
}

/// A type as written, e.g. `pg_catalog.numeric(10, 2)[]`.
///
/// The grammar maps SQL's own spellings: `int` is `pg_catalog.int4`, `varchar(5)` is
/// `pg_catalog.varchar` with one modifier, `interval day to second` carries its field mask.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypeName {
    pub names: Vec<String>,
    /// Modifiers, unevaluated: constants, or column references where a name was written.
    pub typmods: Vec<Expr>,
    /// One entry a dimension; `None` for `[]`, the (ignored) bound for `[n]`.
    pub array_bounds: Vec<Option<i32>>,
    pub setof: bool,
    /// `names` is a column whose type is meant (`table.column%TYPE`).
    pub pct_type: bool,
    pub location: Location,
}

impl TypeName {
    /// The type's own name, without its schema.
    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// The schema, where one was written or the grammar supplied it.
    pub fn schema(&self) -> Option<&str> {
        let at = self.names.len().checked_sub(2)?;
        Some(self.names[at].as_str())
    }
}

/// A role, as OWNER TO and its like take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleSpec {
    Name(String),
    CurrentRole,
    CurrentUser,
    SessionUser,
    Public,
}
