//! Column ids and the table that gives each its name and type.

use std::collections::BTreeMap;

use types::SqlType;

/// A column of one query: of a scan, of a join's side, a computed one. Unique within its query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ColumnId(pub u32);

/// What EXPLAIN, the encoders and the planner want to know about a column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnInfo {
    pub name: String,
    pub ty: SqlType,
    /// Alias of the relation that produces it; empty for a computed column.
    pub relation: String,
}

/// All columns of one query, indexed by id.
#[derive(Clone, Debug, Default)]
pub struct ColumnTable {
    columns: Vec<ColumnInfo>,
    records: BTreeMap<ColumnId, Vec<(String, SqlType)>>,
}

impl ColumnTable {
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a new id.
    pub fn add(
        &mut self,
        relation: impl Into<String>,
        name: impl Into<String>,
        ty: SqlType,
    ) -> ColumnId {
        let id = ColumnId(self.columns.len() as u32);
        self.columns.push(ColumnInfo {
            name: name.into(),
            ty,
            relation: relation.into(),
        });
        id
    }

    /// Makes a new id for a computed column.
    pub fn add_computed(&mut self, name: impl Into<String>, ty: SqlType) -> ColumnId {
        self.add(String::new(), name, ty)
    }

    /// A second id with the same name and type, for another reference to the same thing.
    pub fn duplicate(&mut self, id: ColumnId) -> ColumnId {
        let info = self.get(id).clone();
        let copy = ColumnId(self.columns.len() as u32);
        self.columns.push(info);
        copy
    }

    /// # Panics
    /// If `id` was made by another table: a bug of the caller.
    pub fn get(&self, id: ColumnId) -> &ColumnInfo {
        &self.columns[id.0 as usize]
    }

    /// Says what fields a column has whose type, `record`, does not; or a record that starts with
    /// the column, for one that a set-returning function made.
    pub fn set_fields(&mut self, id: ColumnId, fields: Vec<(String, SqlType)>) {
        self.records.insert(id, fields);
    }

    /// What [`Self::set_fields`] said.
    pub fn fields(&self, id: ColumnId) -> Option<&[(String, SqlType)]> {
        self.records.get(&id).map(Vec::as_slice)
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}
