//! The columns of a relation and the layouts in which its rows lie in pages.

use crate::stored::stored;
use crate::{TypeRef, depend::Reference};
use common::ObjectId;

stored! {
    /// `GENERATED ... AS IDENTITY` (`attidentity`).
    pub enum Identity {
        #[default]
        None = 0,
        Always = 1,
        ByDefault = 2,
    }
}

stored! {
    /// A column, dropped ones included: attribute numbers are never given twice.
    pub struct Column {
        /// From 1, ascending without gaps: the column's place in `Table::columns` plus one.
        pub attnum: i16,
        /// Of a dropped column `........pg.dropped.N........`.
        pub name: String,
        pub ty: TypeRef,
        pub not_null: bool,
        /// The default, or the expression of a generated column, as deparsed SQL.
        pub default: Option<String>,
        /// The oid of the default's row in `pg_attrdef`; 0 without one.
        pub default_oid: ObjectId,
        /// What the default's text mentions (sequences, functions, types).
        pub default_references: Vec<Reference>,
        pub identity: Identity,
        /// `GENERATED ALWAYS AS (expression) STORED`.
        pub generated: bool,
        pub dropped: bool,
        /// 0 where the type has none.
        pub collation: ObjectId,
        /// `SET STATISTICS`; -1 is the default target.
        pub statistics_target: i32,
        /// `SET STORAGE`, as `attstorage` shows it: p, e, x or m; 0 is the type's own.
        pub storage: u8,
        /// Inherited from a parent (`attinhcount`); always 0 for now, kept for partitions.
        pub inherited: u16,
    }
}

stored! {
    /// One physical column of a layout.
    pub struct LayoutColumn {
        pub attnum: i16,
        /// The stored type; it differs from the column's only in a table being rewritten.
        pub ty: TypeRef,
        /// What rows of older layouts have here: the value in the type's text form; none is NULL.
        pub missing: Option<String>,
    }
}

stored! {
    /// The physical shape of the rows of a page. A table's newest layout is its last; pages of older
    /// ones are read with the missing values and converted when next written.
    pub struct Layout {
        /// Ascending, never reused within a table.
        pub id: u16,
        pub columns: Vec<LayoutColumn>,
    }
}
