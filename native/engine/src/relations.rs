//! The open tables and indexes.
//!
//! Invariants: a file is open at most once in a process, for its table hands out row ids; what stays
//! open is bounded by the relations that exist. A [`Relation`] joins a version of a table's
//! definition with its open files: the newest published one is kept, a transaction's private one is
//! made for it alone.

use std::sync::Arc;

use catalog::{Catalog, CatalogChange, Object, ObjectKind};
use common::rt::RwLock;
use common::{Error, FileId, ObjectId, Result, err, sqlstate};
use hashbrown::HashMap;
use index::Index;
use storage::Storage;
use table::{ColumnLayout, Layout, Table};
use txn::TxnManager;
use types::{Datum, SqlType, TextContext, TypeOid, physical_of};

use crate::catalog_cell::CatalogCell;
use crate::row_keys::{RelationKeys, RowKeys};

/// A table as one catalog version defines it, open.
pub struct Relation {
    pub info: Arc<catalog::Table>,
    pub table: Arc<Table>,
    pub indexes: Vec<Arc<OpenIndex>>,
    /// Of the relation in the catalog that it was opened for.
    pub version: u64,
}

/// An index of a [`Relation`].
pub struct OpenIndex {
    pub info: Arc<catalog::Index>,
    pub index: Arc<Index>,
    pub keys: RowKeys,
}

impl Relation {
    pub fn index(&self, oid: ObjectId) -> Result<&Arc<OpenIndex>> {
        let found = self.indexes.iter().find(|index| index.info.oid == oid);
        found.ok_or_else(|| Error::internal(format!("index {oid} is not of its table")))
    }
}

/// See the module.
pub struct Relations {
    storage: Arc<Storage>,
    txns: Arc<TxnManager>,
    catalog: Arc<CatalogCell>,
    tables: RwLock<HashMap<FileId, Arc<Table>>>,
    indexes: RwLock<HashMap<FileId, Arc<Index>>>,
    newest: RwLock<HashMap<ObjectId, Arc<Relation>>>,
}

impl Relations {
    pub fn new(storage: Arc<Storage>, txns: Arc<TxnManager>, catalog: Arc<CatalogCell>) -> Self {
        Self {
            storage,
            txns,
            catalog,
            tables: RwLock::default(),
            indexes: RwLock::default(),
            newest: RwLock::default(),
        }
    }

    /// The relation `oid` of `catalog`. `is_private`: the version is a transaction's own.
    pub fn relation(
        &self,
        catalog: &Catalog,
        oid: ObjectId,
        is_private: bool,
    ) -> Result<Arc<Relation>> {
        let version = catalog.relation_version(oid);
        if !is_private
            && let Some(relation) = self.newest.read().get(&oid)
            && relation.version == version
        {
            return Ok(relation.clone());
        }
        let relation = Arc::new(self.assemble(catalog, oid, version)?);
        if !is_private {
            let mut newest = self.newest.write();
            let is_newer = newest.get(&oid).is_none_or(|kept| kept.version < version);
            if is_newer {
                // Rollback and purge see the indexes of the newest published definition.
                let keys = RelationKeys::new(&relation);
                relation.table.set_indexes(Some(Arc::new(keys)));
                newest.insert(oid, relation.clone());
            }
        } else {
            let keys = RelationKeys::new(&relation);
            relation.table.set_indexes(Some(Arc::new(keys)));
        }
        Ok(relation)
    }

    fn assemble(&self, catalog: &Catalog, oid: ObjectId, version: u64) -> Result<Relation> {
        let missing = || {
            err!(
                sqlstate::UNDEFINED_TABLE,
                "relation with OID {oid} does not exist"
            )
        };
        let info = catalog.table(oid).ok_or_else(missing)?.clone();
        let table = self.open_table(&info)?;
        let mut indexes = Vec::new();
        for index in catalog.indexes_of(oid).filter(|index| index.ready) {
            indexes.push(Arc::new(OpenIndex {
                info: index.clone(),
                index: self.open_index(index)?,
                keys: RowKeys::new(&info, index)?,
            }));
        }
        Ok(Relation {
            info,
            table,
            indexes,
            version,
        })
    }

    /// The rows of a table, laid out as this definition says or a later one.
    pub fn open_table(&self, info: &catalog::Table) -> Result<Arc<Table>> {
        let layout = layout_of(info)?;
        if let Some(table) = self.tables.read().get(&info.file).cloned() {
            if table.layout().id() < layout.id() {
                table.set_layout(layout);
            }
            return Ok(table);
        }
        let mut tables = self.tables.write();
        if let Some(table) = tables.get(&info.file) {
            return Ok(table.clone());
        }
        let table = Arc::new(Table::open(&self.storage, &self.txns, info.file, layout)?);
        note_persistence(&table, info);
        tables.insert(info.file, table.clone());
        Ok(table)
    }

    /// A transaction takes changes of definitions back: open tables are again as `own`, its version
    /// of the catalog without them, or else the published one defines them. The transaction still
    /// has its locks, and its rows are not taken back yet: rollback then keeps the indexes that
    /// there will be.
    pub fn restore(&self, own: Option<&Catalog>, undone: &[CatalogChange]) -> Result<()> {
        let published = self.catalog.current();
        let catalog = own.unwrap_or(&published);
        let mut tables: Vec<ObjectId> = undone
            .iter()
            .filter_map(|change| match change {
                CatalogChange::Put(Object::Table(table)) => Some(table.oid),
                CatalogChange::Put(Object::Index(index)) => Some(index.table),
                CatalogChange::Drop(ObjectKind::Table, table) => Some(*table),
                CatalogChange::Drop(ObjectKind::Index, index) => {
                    catalog.index(*index).map(|index| index.table)
                }
                _ => None,
            })
            .collect();
        tables.sort_unstable();
        tables.dedup();
        let restored = tables
            .iter()
            .map(|table| self.restore_table(catalog, *table));
        // All of them, also after one that fails.
        restored.fold(Ok(()), Result::and)
    }

    fn restore_table(&self, catalog: &Catalog, oid: ObjectId) -> Result<()> {
        if !catalog.table(oid).is_some_and(|info| info.has_storage()) {
            return Ok(());
        }
        let relation = self.assemble(catalog, oid, catalog.relation_version(oid))?;
        relation.table.set_layout(layout_of(&relation.info)?);
        let keys = RelationKeys::new(&relation);
        relation.table.set_indexes(Some(Arc::new(keys)));
        Ok(())
    }

    fn open_index(&self, info: &catalog::Index) -> Result<Arc<Index>> {
        if let Some(index) = self.indexes.read().get(&info.file).cloned() {
            return Ok(index);
        }
        let mut indexes = self.indexes.write();
        if let Some(index) = indexes.get(&info.file) {
            return Ok(index.clone());
        }
        let index = Arc::new(Index::open(
            &self.storage,
            &self.txns,
            info.file,
            &info.name,
        ));
        indexes.insert(info.file, index.clone());
        Ok(index)
    }

    /// Rows and pages of a table, about; None for one that is not stored.
    pub fn size(&self, catalog: &Catalog, oid: ObjectId) -> Option<(u64, u32)> {
        let info = catalog.table(oid).filter(|table| table.has_storage())?;
        let pages = self.storage.file_pages(info.file).ok()?;
        // Rows that were ever added, at most: ids ascend and are not used again.
        let table = self.tables.read().get(&info.file).cloned()?;
        Some((table.row_id_end().0, pages))
    }

    /// Makes a newly created table known.
    pub fn add_table(&self, table: Arc<Table>) {
        self.tables.write().insert(table.file(), table);
    }

    /// Makes a newly created index known.
    pub fn add_index(&self, index: Arc<Index>) {
        self.indexes.write().insert(index.file(), index);
    }

    /// The table in a file, for rollback and purge; None when no relation of the newest catalog has
    /// it and it is not open.
    pub fn open_file(&self, file: FileId) -> Result<Option<Arc<Table>>> {
        // A table that somebody is just opening is here before its indexes are known to it; to take
        // rows back without them would leave their entries behind.
        let open = self.tables.read().get(&file).cloned();
        if open.as_ref().is_some_and(|table| table.indexes().is_some()) {
            return Ok(open);
        }
        let catalog = self.catalog.current();
        let Some(info) = catalog.tables().find(|table| table.file == file) else {
            return Ok(open);
        };
        // Through the relation, so that the indexes are known to it.
        let relation = self.relation(&catalog, info.oid, false)?;
        Ok(Some(relation.table.clone()))
    }

    /// The file goes.
    pub fn forget(&self, file: FileId) {
        self.tables.write().remove(&file);
        self.indexes.write().remove(&file);
        self.newest
            .write()
            .retain(|_, relation| relation.info.file != file);
    }
}

/// Tells a table that was just opened or made how long its rows live.
pub fn note_persistence(table: &Table, info: &catalog::Table) {
    if info.persistence == catalog::Persistence::Temporary {
        table.set_temporary();
    }
}

/// The type that the catalog names.
pub fn sql_type(ty: catalog::TypeRef) -> SqlType {
    SqlType {
        oid: TypeOid(ty.oid.0),
        typmod: ty.typmod,
    }
}

/// The stored columns of a table: one an attribute number, dropped ones too.
pub fn layout_of(info: &catalog::Table) -> Result<Layout> {
    let Some(layout) = info.layout() else {
        return Err(Error::internal(format!(
            "relation \"{}\" has no storage",
            info.name
        )));
    };
    let columns = layout.columns.iter().map(|column| {
        let ty = sql_type(column.ty);
        let missing = match &column.missing {
            Some(text) => types::parse_text(ty, text, &TextContext::default())?,
            None => Datum::Null,
        };
        Ok(ColumnLayout {
            physical: physical_of(ty.oid),
            missing,
        })
    });
    let history = info.layouts.iter();
    let history = history.map(|layout| (layout.id, layout.columns.len() as u16));
    let layout = Layout::new(layout.id, columns.collect::<Result<_>>()?);
    Ok(layout.with_history(history.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::TestClient;
    use crate::{Engine, EngineOptions};

    /// Rollback after a crash may ask for a table that a session has opened a moment before.
    #[test]
    fn a_table_is_given_to_rollback_with_its_indexes() {
        let engine = Engine::open(EngineOptions::default()).expect("opens in memory");
        let mut client = TestClient::connect(&engine);
        client
            .run("CREATE TABLE t (k int PRIMARY KEY)")
            .expect("is made");
        let (catalog, relations) = (engine.catalog(), engine.relations());
        let info = catalog.tables().find(|table| table.has_storage());
        let info = info.expect("it was made").clone();
        relations.forget(info.file);
        let opened = relations.open_table(&info).expect("opens");
        assert!(opened.indexes().is_none(), "nobody has asked for them yet");
        let given = relations
            .open_file(info.file)
            .expect("opens")
            .expect("is there");
        assert!(Arc::ptr_eq(&given, &opened));
        assert!(given.indexes().is_some());
    }
}
