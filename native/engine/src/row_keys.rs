//! Index keys of rows: which columns an index reads, and the bytes of its keys.

use std::sync::Arc;

use common::{Error, Result, RowId};
use index::Index;
use storage::tree::Purpose;
use table::{IndexedVersion, RowIndexes};
use types::{DatumRef, TypeOid, ValueClass, compare_class, encode_key_class};

use crate::relations::Relation;

/// How an index makes keys of a row's columns.
pub struct RowKeys {
    pub columns: Vec<KeyColumn>,
    /// Table positions that keys read, ascending, each once.
    pub positions: Vec<u16>,
    pub nulls_not_distinct: bool,
}

/// One key column.
pub struct KeyColumn {
    /// Position in the table.
    pub position: u16,
    pub class: ValueClass,
    pub descending: bool,
    pub nulls_first: bool,
}

impl RowKeys {
    pub fn new(table: &catalog::Table, index: &catalog::Index) -> Result<Self> {
        if !index.is_plain() || index.predicate.is_some() {
            return Err(Error::not_implemented(
                "an index on an expression or with a predicate",
            ));
        }
        let mut columns = Vec::with_capacity(index.keys.len());
        for key in &index.keys {
            let column = table.attribute(key.attnum).ok_or_else(|| {
                Error::internal(format!(
                    "index \"{}\" has a key that is no column",
                    index.name
                ))
            })?;
            columns.push(KeyColumn {
                position: (column.attnum - 1) as u16,
                class: ValueClass::of(TypeOid(column.ty.oid.0)),
                descending: key.descending,
                nulls_first: key.nulls_first,
            });
        }
        let mut positions: Vec<u16> = columns.iter().map(|column| column.position).collect();
        positions.sort_unstable();
        positions.dedup();
        Ok(Self {
            columns,
            positions,
            nulls_not_distinct: index.nulls_not_distinct,
        })
    }

    /// Appends the key of a row whose columns `value_of` gives; says whether a NULL is in it.
    pub fn encode<'a>(
        &self,
        value_of: impl Fn(u16) -> DatumRef<'a>,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let mut has_null = false;
        for column in &self.columns {
            let value = value_of(column.position);
            has_null |= value.is_null();
            column.encode(value, out)?;
        }
        Ok(has_null)
    }

    /// Whether a row whose columns change has another key. `new_of` gives what changes.
    pub fn differ<'new, 'old>(
        &self,
        new_of: impl Fn(u16) -> Option<DatumRef<'new>>,
        old_of: impl Fn(u16) -> DatumRef<'old>,
    ) -> bool {
        self.columns.iter().any(|column| {
            new_of(column.position).is_some_and(|new| column.differ(new, old_of(column.position)))
        })
    }

    /// Whether a change of these columns can change the key. `changed` is ascending.
    pub fn reads_any(&self, changed: &[u16]) -> bool {
        self.positions
            .iter()
            .any(|position| changed.binary_search(position).is_ok())
    }
}

impl KeyColumn {
    /// Whether two values have two keys. Values with other bytes may have one: 1.0 and 1.00, a month
    /// and 30 days; and a NaN is unlike itself.
    fn differ(&self, a: DatumRef<'_>, b: DatumRef<'_>) -> bool {
        a != b && compare_class(self.class, a, b).is_ne()
    }

    pub fn encode(&self, value: DatumRef<'_>, out: &mut Vec<u8>) -> Result<()> {
        encode_key_class(self.class, value, self.descending, self.nulls_first, out)
    }
}

/// A relation's indexes as rollback and purge see them.
pub struct RelationKeys {
    columns: Vec<u16>,
    indexes: Vec<(Arc<Index>, RowKeysOf)>,
}

/// Key columns by their place in [`RelationKeys::columns`].
struct RowKeysOf(Vec<(usize, ValueClass, bool, bool)>);

impl RelationKeys {
    pub fn new(relation: &Relation) -> Self {
        let all = relation
            .indexes
            .iter()
            .flat_map(|index| index.keys.positions.iter().copied());
        let mut columns: Vec<u16> = all.collect();
        columns.sort_unstable();
        columns.dedup();
        let place = |position: u16| columns.binary_search(&position).unwrap_or_default();
        let indexes = relation.indexes.iter().map(|index| {
            let keys = index.keys.columns.iter();
            let keys = keys.map(|k| (place(k.position), k.class, k.descending, k.nulls_first));
            (index.index.clone(), RowKeysOf(keys.collect()))
        });
        let indexes = indexes.collect();
        Self { columns, indexes }
    }
}

impl RowKeysOf {
    /// The version's key; None for a deletion, which has none.
    fn key(&self, version: &IndexedVersion) -> Result<Option<Vec<u8>>> {
        if version.is_deleted {
            return Ok(None);
        }
        let mut out = Vec::new();
        for (place, class, descending, nulls_first) in &self.0 {
            let value = version.values[*place].as_ref();
            encode_key_class(*class, value, *descending, *nulls_first, &mut out)?;
        }
        Ok(Some(out))
    }

    fn is_any(&self, versions: &[IndexedVersion], key: &[u8]) -> Result<bool> {
        for version in versions {
            if self.key(version)?.as_deref() == Some(key) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl RowIndexes for RelationKeys {
    fn columns(&self) -> Vec<u16> {
        self.columns.clone()
    }

    fn take_back(
        &self,
        row: RowId,
        newest: &IndexedVersion,
        before: Option<&IndexedVersion>,
        older: &[IndexedVersion],
    ) -> Result<()> {
        for (index, keys) in &self.indexes {
            let new = keys.key(newest)?;
            let old = before.map_or(Ok(None), |before| keys.key(before))?;
            if new == old {
                continue;
            }
            if let Some(new) = &new {
                // An older version that somebody may see keeps its entry, marked.
                match keys.is_any(older, new)? {
                    true => drop(index.mark(common::Xid(0), new, row, Purpose::Undo)?),
                    false => drop(index.remove(new, row)?),
                }
            }
            if let Some(old) = &old {
                index.unmark(common::Xid(0), old, row, Purpose::Undo)?;
            }
        }
        Ok(())
    }

    fn purge(&self, row: RowId, gone: &IndexedVersion, reachable: &[IndexedVersion]) -> Result<()> {
        for (index, keys) in &self.indexes {
            let Some(key) = keys.key(gone)? else { continue };
            if !keys.is_any(reachable, &key)? {
                index.remove_marked(&key, row)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use types::Datum;

    use super::*;
    use crate::session::TestClient;
    use crate::{Engine, EngineOptions};

    /// Purge has looked at the row's versions before a writer gave the row this key.
    #[test]
    fn purge_leaves_an_entry_that_a_writer_has_taken_up_again() {
        let engine = Engine::open(EngineOptions::default()).expect("opens in memory");
        let mut client = TestClient::connect(&engine);
        let sql = "CREATE TABLE t (n int, s int); CREATE INDEX t_s ON t (s); \
                   INSERT INTO t VALUES (1, 5); SET enable_seqscan = off";
        client.run(sql).expect("runs");
        let catalog = engine.catalog();
        let info = catalog.tables().find(|table| table.has_storage());
        let oid = info.expect("it was made").oid;
        let relation = engine.relations().relation(&catalog, oid, false);
        let keys = RelationKeys::new(&relation.expect("opens"));
        let gone = IndexedVersion {
            values: vec![Datum::I32(5)],
            is_deleted: false,
        };
        keys.purge(RowId(1), &gone, &[]).expect("purges");
        let rows = client.run("SELECT n FROM t WHERE s = 5").expect("runs");
        assert_eq!(rows, 1);
        // Once it is marked it goes.
        client.run("UPDATE t SET s = 6").expect("runs");
        keys.purge(RowId(1), &gone, &[]).expect("purges");
        let index = &keys.indexes[0].0;
        let mut key = Vec::new();
        encode_key_class(
            ValueClass::of(TypeOid::INT4),
            Datum::I32(5).as_ref(),
            false,
            false,
            &mut key,
        )
        .expect("a key");
        assert!(!index.remove(&key, RowId(1)).expect("readable"));
    }
}
