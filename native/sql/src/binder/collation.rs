//! Collation derivation (SQL:2016 and `parse_collate.c`): explicit wins over implicit, two different
//! explicit ones are an error, two different implicit ones leave it open.

use crate::ir::Collation;
use common::{Error, ObjectId, Result, err, sqlstate};
use types::{TypeOid, type_info};

/// The collation of an expression and how it came by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CollationOf {
    /// The type is not collatable, or nothing was said.
    #[default]
    None,
    Implicit(ObjectId),
    Explicit(ObjectId),
    /// Two implicit collations disagree: only an error where one is needed.
    Conflict,
}

/// True for types whose comparison depends on a collation (`typcollation` is set).
pub(super) fn is_collatable(oid: TypeOid) -> bool {
    let element = type_info(oid)
        .filter(|info| info.is_array())
        .map(|info| info.elem_oid);
    matches!(
        element.unwrap_or(oid),
        TypeOid::TEXT | TypeOid::VARCHAR | TypeOid::BPCHAR | TypeOid::NAME
    )
}

/// The collation that a type brings along; none for `name` is C.
pub(super) fn type_collation(oid: TypeOid) -> ObjectId {
    match oid {
        TypeOid::NAME | TypeOid::NAME_ARRAY => catalog::oid::COLLATION_C,
        other if is_collatable(other) => catalog::oid::COLLATION_DEFAULT,
        _ => ObjectId(0),
    }
}

impl CollationOf {
    /// Of an expression of that type without any other source.
    pub fn of_type(oid: TypeOid) -> Self {
        match type_collation(oid) {
            ObjectId(0) => Self::None,
            collation => Self::Implicit(collation),
        }
    }

    /// Of a column declared with `collation` (0: its type's).
    pub fn of_column(oid: TypeOid, collation: ObjectId) -> Self {
        match collation {
            ObjectId(0) => Self::of_type(oid),
            other => Self::Implicit(other),
        }
    }

    /// Of an operation over two operands. Two explicit ones that differ are 42P21.
    pub fn merge(self, other: Self) -> Result<Self> {
        use CollationOf::{Conflict, Explicit, Implicit, None};
        Ok(match (self, other) {
            (None, x) | (x, None) => x,
            (Explicit(a), Explicit(b)) if a != b => {
                return Err(err!(
                    sqlstate::COLLATION_MISMATCH,
                    "collation mismatch between explicit collations \"{}\" and \"{}\"",
                    collation_name(a),
                    collation_name(b)
                ));
            }
            (Explicit(a), _) | (_, Explicit(a)) => Explicit(a),
            (Conflict, _) | (_, Conflict) => Conflict,
            (Implicit(a), Implicit(b)) if a == b => Implicit(a),
            // The default collation gives way to any other.
            (Implicit(catalog::oid::COLLATION_DEFAULT), Implicit(b)) => Implicit(b),
            (Implicit(a), Implicit(catalog::oid::COLLATION_DEFAULT)) => Implicit(a),
            (Implicit(_), Implicit(_)) => Conflict,
        })
    }

    /// What the result of an operation over these operands has: nothing for a type without one.
    pub fn for_result(self, oid: TypeOid) -> Self {
        if is_collatable(oid) {
            self.or_type(oid)
        } else {
            Self::None
        }
    }

    fn or_type(self, oid: TypeOid) -> Self {
        if self == Self::None {
            Self::of_type(oid)
        } else {
            self
        }
    }

    /// The oid to remember for a column; 0 where there is none or it is open.
    pub fn oid(self) -> ObjectId {
        match self {
            Self::Implicit(oid) | Self::Explicit(oid) => oid,
            Self::None | Self::Conflict => ObjectId(0),
        }
    }

    /// What evaluation uses. An open one is 42P22.
    pub fn resolve(self) -> Result<Collation> {
        match self {
            Self::Conflict => Err(Error::new(
                sqlstate::INDETERMINATE_COLLATION,
                "could not determine which collation to use for string comparison",
            )
            .with_hint("Use the COLLATE clause to set the collation explicitly.")),
            Self::Implicit(oid) | Self::Explicit(oid) => Ok(collation_value(oid)),
            Self::None => Ok(Collation::default()),
        }
    }
}

/// The engine orders by code point; every collation it knows is that one.
fn collation_value(_oid: ObjectId) -> Collation {
    Collation::default()
}

pub(super) fn collation_name(oid: ObjectId) -> &'static str {
    match oid {
        catalog::oid::COLLATION_C => "C",
        catalog::oid::COLLATION_POSIX => "POSIX",
        _ => "default",
    }
}

/// A collation by name, as `COLLATE` and column definitions name it.
pub(super) fn collation_by_name(parts: &[String]) -> Result<ObjectId> {
    let name = match parts {
        [name] => name,
        [schema, name] if schema == "pg_catalog" => name,
        _ => return Err(missing(&parts.join("."))),
    };
    match name.as_str() {
        "default" => Ok(catalog::oid::COLLATION_DEFAULT),
        "C" | "ucs_basic" => Ok(catalog::oid::COLLATION_C),
        "POSIX" => Ok(catalog::oid::COLLATION_POSIX),
        other => Err(missing(other)),
    }
}

fn missing(name: &str) -> Error {
    err!(
        sqlstate::UNDEFINED_OBJECT,
        "collation \"{name}\" for encoding \"UTF8\" does not exist"
    )
}
