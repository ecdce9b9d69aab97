//! Relations with columns: tables, views, sequences as relations, and the virtual ones.

use crate::column::{Column, Layout};
use crate::depend::Reference;
use crate::role::AclItem;
use crate::stored::stored;
use common::{FileId, ObjectId};

stored! {
    /// How long a relation's rows live (`relpersistence`).
    pub enum Persistence {
        #[default]
        Permanent = 0,
        Unlogged = 1,
        Temporary = 2,
    }
}

stored! {
    /// What a relation is (`relkind`; indexes are objects of their own).
    pub enum TableKind {
        #[default]
        Table = 0,
        View = 1,
        MaterializedView = 2,
        /// A system relation, whose rows are made from the catalog.
        Virtual = 3,
    }
}

stored! {
    /// What happens to a temporary table at the end of a transaction.
    pub enum OnCommit {
        #[default]
        PreserveRows = 0,
        DeleteRows = 1,
        Drop = 2,
    }
}

stored! {
    /// A relation with columns.
    pub struct Table {
        pub oid: ObjectId,
        pub name: String,
        pub schema: ObjectId,
        pub owner: ObjectId,
        pub persistence: Persistence,
        pub kind: TableKind,
        /// Dropped ones included; `columns[i].attnum == i + 1`.
        pub columns: Vec<Column>,
        /// The row tree's file; 0 for a relation without storage.
        pub file: FileId,
        /// Never empty for a relation with storage.
        pub layouts: Vec<Layout>,
        /// Of a view: its query as deparsed SQL, every name in it qualified.
        pub query: Option<String>,
        /// What the query mentions.
        pub query_references: Vec<Reference>,
        /// Storage parameters (`WITH (...)`), as given.
        pub options: Vec<(String, String)>,
        /// The composite type of its rows and the array over it (`pg_type`).
        pub row_type: ObjectId,
        pub row_array_type: ObjectId,
        /// Empty: the owner's defaults.
        pub acl: Vec<AclItem>,
        pub on_commit: OnCommit,
        pub row_security: bool,
        pub force_row_security: bool,
        /// `REPLICA IDENTITY`: d, n, f or i; 0 is d.
        pub replica_identity: u8,
        /// A materialized view that was never filled (`WITH NO DATA`).
        pub unpopulated: bool,
    }
}

impl Table {
    /// The column of that name, unless it was dropped. System columns are not among them.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| !c.dropped && c.name == name)
    }

    /// The column with that number (from 1), dropped or not.
    pub fn attribute(&self, attnum: i16) -> Option<&Column> {
        self.columns
            .get(usize::try_from(attnum).ok()?.checked_sub(1)?)
    }

    /// The columns that exist, in order.
    pub fn live_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| !c.dropped)
    }

    /// The layout of new rows.
    pub fn layout(&self) -> Option<&Layout> {
        self.layouts.last()
    }

    pub fn option(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn is_view(&self) -> bool {
        self.kind == TableKind::View
    }

    /// True if its rows lie in a file.
    pub fn has_storage(&self) -> bool {
        matches!(self.kind, TableKind::Table | TableKind::MaterializedView)
    }

    /// The `relkind` letter.
    pub fn relkind(&self) -> char {
        match self.kind {
            TableKind::Table | TableKind::Virtual => 'r',
            TableKind::View => 'v',
            TableKind::MaterializedView => 'm',
        }
    }
}
