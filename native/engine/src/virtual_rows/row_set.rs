//! Collects rows of a system relation, of the wanted columns only.

use catalog::Table;
use types::{Batch, Datum, TypeOid, Vector};

use super::cells::zero;

/// The rows made so far.
pub struct RowSet<'a> {
    pub table: &'a Table,
    /// Names of the wanted columns.
    names: Vec<&'a str>,
    types: Vec<TypeOid>,
    /// What a column has where nobody gives a value: NULL, or its type's zero if it is NOT NULL.
    defaults: Vec<Datum>,
    vectors: Vec<Vector>,
    len: usize,
}

impl<'a> RowSet<'a> {
    /// `columns` are positions among the table's columns.
    pub fn new(table: &'a Table, columns: &[u16]) -> Self {
        let wanted = columns
            .iter()
            .filter_map(|at| table.columns.get(usize::from(*at)));
        let wanted: Vec<_> = wanted.collect();
        let types: Vec<_> = wanted.iter().map(|c| TypeOid(c.ty.oid.0)).collect();
        let default = |c: &&catalog::Column| match c.not_null {
            true => zero(TypeOid(c.ty.oid.0)),
            false => Datum::Null,
        };
        Self {
            table,
            names: wanted.iter().map(|c| c.name.as_str()).collect(),
            defaults: wanted.iter().map(default).collect(),
            vectors: types.iter().map(|ty| Vector::for_type(*ty)).collect(),
            types,
            len: 0,
        }
    }

    /// Adds a row an item. `cell` gives the value of a column by name; None is its default.
    pub fn fill<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        cell: impl Fn(&T, &str) -> Option<Datum>,
    ) {
        for item in items {
            for at in 0..self.names.len() {
                let value = cell(&item, self.names[at]);
                let value = value.as_ref().unwrap_or(&self.defaults[at]);
                self.vectors[at].push(value.as_ref());
            }
            self.len += 1;
        }
    }

    /// Names and types of the wanted columns.
    pub fn wanted(&self) -> impl Iterator<Item = (&'a str, TypeOid)> + '_ {
        self.names.iter().copied().zip(self.types.iter().copied())
    }

    pub fn finish(self) -> Batch {
        Batch::new(self.vectors, self.len)
    }
}
