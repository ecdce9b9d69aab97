//! Table constraints. NOT NULL lies on the column, as in PostgreSQL 15.

use crate::depend::Reference;
use crate::stored::stored;
use common::ObjectId;

stored! {
    /// What a constraint demands (`contype`).
    pub enum ConstraintKind {
        #[default]
        Check = 0,
        Primary = 1,
        Unique = 2,
        Foreign = 3,
        Exclusion = 4,
    }
}

impl ConstraintKind {
    /// The `contype` letter.
    pub fn letter(self) -> char {
        match self {
            Self::Check => 'c',
            Self::Primary => 'p',
            Self::Unique => 'u',
            Self::Foreign => 'f',
            Self::Exclusion => 'x',
        }
    }
}

stored! {
    /// What a foreign key does when the referenced row goes or changes (`confdeltype`).
    pub enum ForeignAction {
        #[default]
        NoAction = 0,
        Restrict = 1,
        Cascade = 2,
        SetNull = 3,
        SetDefault = 4,
    }
}

impl ForeignAction {
    /// The `confupdtype` letter.
    pub fn letter(self) -> char {
        match self {
            Self::NoAction => 'a',
            Self::Restrict => 'r',
            Self::Cascade => 'c',
            Self::SetNull => 'n',
            Self::SetDefault => 'd',
        }
    }

    /// As `ON DELETE` writes it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

impl Constraint {
    /// PRIMARY KEY or UNIQUE.
    pub fn is_unique(&self) -> bool {
        matches!(self.kind, ConstraintKind::Primary | ConstraintKind::Unique)
    }
}

stored! {
    /// `MATCH` of a foreign key (`confmatchtype`).
    pub enum ForeignMatch {
        #[default]
        Simple = 0,
        Full = 1,
    }
}

stored! {
    /// A constraint of a table.
    pub struct Constraint {
        pub oid: ObjectId,
        pub name: String,
        pub schema: ObjectId,
        pub table: ObjectId,
        pub kind: ConstraintKind,
        /// The table's columns, in the constraint's order; of a check: those it mentions.
        pub columns: Vec<i16>,
        /// Of a check: the condition as deparsed SQL.
        pub expression: Option<String>,
        pub references: Vec<Reference>,
        /// Of primary, unique: its index. Of a foreign key: the unique index it points at.
        pub index: ObjectId,
        /// Of a foreign key.
        pub foreign_table: ObjectId,
        pub foreign_columns: Vec<i16>,
        pub on_update: ForeignAction,
        pub on_delete: ForeignAction,
        /// `ON DELETE SET NULL (columns)`; empty is all.
        pub on_delete_columns: Vec<i16>,
        pub match_type: ForeignMatch,
        pub deferrable: bool,
        pub initially_deferred: bool,
        /// False after `NOT VALID`: new rows are checked, old ones were not.
        pub validated: bool,
        /// `NO INHERIT` of a check.
        pub no_inherit: bool,
    }
}
