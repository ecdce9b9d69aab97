//! Indexes.

use crate::depend::Reference;
use crate::stored::stored;
use crate::{TypeRef, column::Column};
use common::{FileId, ObjectId, Xid};

stored! {
    /// One key column of an index.
    pub struct IndexKey {
        /// The table's column, or 0 for an expression.
        pub attnum: i16,
        /// The expression as deparsed SQL over the table's columns.
        pub expression: Option<String>,
        pub descending: bool,
        pub nulls_first: bool,
        /// 0 where the type has none.
        pub collation: ObjectId,
        /// The operator class's name when it is not the type's default.
        pub opclass: Option<String>,
        /// The key's type.
        pub ty: TypeRef,
        /// The key's name in the index (`pg_attribute.attname`).
        pub name: String,
    }
}

stored! {
    /// The access method (`pg_am`).
    pub enum IndexMethod {
        #[default]
        Btree = 0,
        Hash = 1,
    }
}

stored! {
    /// An index on a table.
    pub struct Index {
        pub oid: ObjectId,
        pub name: String,
        /// The table's, always.
        pub schema: ObjectId,
        pub table: ObjectId,
        pub method: IndexMethod,
        pub keys: Vec<IndexKey>,
        /// `INCLUDE` columns, by attribute number.
        pub include: Vec<i16>,
        pub unique: bool,
        pub primary: bool,
        pub nulls_not_distinct: bool,
        /// A partial index's condition, as deparsed SQL.
        pub predicate: Option<String>,
        /// What expressions and predicate mention.
        pub references: Vec<Reference>,
        pub file: FileId,
        /// False while, or after, a concurrent build failed: written, not read.
        pub valid: bool,
        /// False until writers maintain it (`indisready`).
        pub ready: bool,
        /// Snapshots that do not see this transaction may not use it (`indcheckxmin`); 0: all may.
        pub created_by_xid: Xid,
        pub options: Vec<(String, String)>,
        pub clustered: bool,
        pub replica_identity: bool,
        /// Checked at the end of the statement or transaction (`NOT indimmediate`).
        pub deferrable: bool,
    }
}

impl Index {
    /// The attribute numbers that the index stores, keys then included ones; 0 for expressions.
    pub fn attnums(&self) -> impl Iterator<Item = i16> + '_ {
        self.keys
            .iter()
            .map(|k| k.attnum)
            .chain(self.include.iter().copied())
    }

    /// True if every key is a plain column.
    pub fn is_plain(&self) -> bool {
        self.keys.iter().all(|k| k.attnum != 0)
    }

    /// True if it makes these columns unique without a condition: the base of `ON CONFLICT`, of
    /// foreign keys and of functional dependency.
    pub fn is_unique_on(&self, columns: &[&Column]) -> bool {
        self.unique
            && self.valid
            && self.predicate.is_none()
            && self.is_plain()
            && self.keys.len() == columns.len()
            && self
                .keys
                .iter()
                .all(|k| columns.iter().any(|c| c.attnum == k.attnum))
    }
}
