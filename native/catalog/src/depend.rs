//! References between objects (`pg_depend`).

use crate::stored::stored;
use common::ObjectId;

stored! {
    /// One thing that an expression or a query mentions.
    pub struct Reference {
        pub object: ObjectId,
        /// A column's number, or 0 for the whole object.
        pub sub: i16,
    }
}

/// What a DROP of the referenced object does to the dependent one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// Refuses without CASCADE.
    Normal,
    /// Goes with it.
    Auto,
    /// Goes with it, and cannot be dropped alone.
    Internal,
}

impl DependencyKind {
    /// The `deptype` letter.
    pub fn letter(self) -> char {
        match self {
            Self::Normal => 'n',
            Self::Auto => 'a',
            Self::Internal => 'i',
        }
    }
}
