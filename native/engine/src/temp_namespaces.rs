//! Which session has which temporary schema, and what becomes of one that its session leaves.
//!
//! A session that makes its first temporary relation reserves a number, which is its own until the
//! session is gone; the schema is `pg_temp_<number>`. The reservation belongs to the session as a
//! value, not to a connection or a thread. Invariants: a number is reserved once at a time, at most
//! `numbers_max` are; a schema in which something is left is given to nobody.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{
    Catalog, CatalogChange, Describer, DropTarget, Object, ObjectKind, plan_drop, temp_schema_name,
};
use common::rt::Mutex;
use common::{ObjectId, Result, err, sqlstate};
use storage::Durability;
use txn::{Backend, BeginOptions, LockMode, LockWait, Transaction};

use crate::engine::Engine;
use crate::session::DdlState;

/// The most sessions that may have temporary relations at once.
pub const TEMP_NAMESPACES_MAX: u32 = 16_384;

/// See the module.
#[derive(Debug)]
pub struct TempNamespaces {
    reserved: Mutex<BTreeSet<u32>>,
    numbers_max: u32,
}

/// A number that one session has; dropped with it.
#[derive(Debug)]
pub struct TempNamespace {
    number: u32,
    name: String,
    owner: Arc<TempNamespaces>,
}

impl TempNamespaces {
    pub fn new(numbers_max: u32) -> Arc<Self> {
        Arc::new(Self {
            reserved: Mutex::default(),
            numbers_max,
        })
    }

    /// The lowest number that is free, and whose schema is empty. 53400 when there is none.
    pub fn reserve(self: &Arc<Self>, catalog: &Catalog) -> Result<Arc<TempNamespace>> {
        let mut reserved = self.reserved.lock();
        for number in (1..=self.numbers_max).filter(|number| !reserved.contains(number)) {
            let name = temp_schema_name(number);
            let schema = catalog.schema_by_name(&name);
            if schema.is_some_and(|s| catalog.relations_in(s.oid).next().is_some()) {
                continue;
            }
            reserved.insert(number);
            return Ok(Arc::new(TempNamespace {
                number,
                name,
                owner: self.clone(),
            }));
        }
        Err(err!(
            sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
            "too many sessions have temporary relations"
        )
        .with_detail(format!(
            "At most {} may have them at once.",
            self.numbers_max
        ))
        .with_hint("Close sessions that need theirs no longer."))
    }
}

impl TempNamespace {
    /// The schema's.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TempNamespace {
    fn drop(&mut self) {
        self.owner.reserved.lock().remove(&self.number);
    }
}

/// Drops what the schemas hold, and what depends on it, in a transaction of its own; the schemas too
/// where `with_schemas`. Waits for locks and the log; `backend` has no transaction.
pub fn drop_contents(
    engine: &Engine,
    backend: &Arc<Backend>,
    schemas: &[ObjectId],
    with_schemas: bool,
) -> Result<()> {
    let relations = |catalog: &Catalog| -> Vec<Object> {
        let all = schemas
            .iter()
            .flat_map(|schema| catalog.relations_in(*schema));
        all.collect()
    };
    let is_empty = relations(&engine.catalog()).is_empty();
    if is_empty && (!with_schemas || schemas.is_empty()) {
        return Ok(());
    }
    let txns = engine.txns();
    let mut txn = txns.begin(backend, BeginOptions::default())?;
    let mut ddl = DdlState::new(
        engine.catalog_cell().pending().clone(),
        engine.relations().clone(),
    );
    let dropped = drop_in(engine, &mut txn, &mut ddl, &relations, || {
        let all = schemas.iter().filter(|_| with_schemas);
        all.map(|schema| CatalogChange::Drop(ObjectKind::Schema, *schema))
            .collect()
    });
    let files = dropped.map(|()| ddl.prepare_commit(txn.xid()));
    let ended = files
        .and_then(|files| txns.commit(&mut txn, Durability::FullWaiting, &[], &files))
        .inspect_err(|_| ddl.cancel_commit());
    match ended {
        Ok(ticket) => {
            ddl.committed();
            ticket.map_or(Ok(()), |ticket| engine.wait(ticket))?;
            engine.collect_files();
            Ok(())
        }
        Err(error) => {
            let restored = ddl.rollback_to(0);
            txns.rollback(&mut txn).and(restored)?;
            Err(error)
        }
    }
}

fn drop_in(
    engine: &Engine,
    txn: &mut Transaction,
    ddl: &mut DdlState,
    relations: &dyn Fn(&Catalog) -> Vec<Object>,
    more: impl FnOnce() -> Vec<CatalogChange>,
) -> Result<()> {
    for object in relations(&engine.catalog()) {
        let locks = engine.txns().locks();
        locks.lock_table(
            txn,
            object.oid(),
            LockMode::AccessExclusive,
            LockWait::Block,
        )?;
    }
    // Nobody but who has the locks changes them now.
    let base = engine.catalog();
    let targets: Vec<DropTarget> = relations(&base).iter().map(DropTarget::whole).collect();
    let names = Describer {
        catalog: &base,
        path: &[],
    };
    let mut plan = plan_drop(names, &targets, true)?;
    plan.changes.extend(more());
    engine.catalog_table().write(txn, &plan.changes, true)?;
    ddl.apply(&base, &plan.changes);
    for file in plan.files {
        ddl.drop_file(file);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once_at_a_time_and_no_more_than_there_are() {
        let namespaces = TempNamespaces::new(2);
        let catalog = Catalog::default();
        let first = namespaces.reserve(&catalog).expect("there are two");
        let second = namespaces.reserve(&catalog).expect("there are two");
        assert_eq!((first.name(), second.name()), ("pg_temp_1", "pg_temp_2"));
        let full = namespaces.reserve(&catalog).expect_err("there are no more");
        assert_eq!(full.state(), sqlstate::CONFIGURATION_LIMIT_EXCEEDED);
        drop(first);
        let again = namespaces.reserve(&catalog).expect("one came back");
        assert_eq!(again.name(), "pg_temp_1");
    }
}
