//! Changes of the catalog: what a DDL statement comes to, and what the engine writes as rows.

use crate::Catalog;
use crate::object::{Object, ObjectKind};
use common::ObjectId;

/// One change. A list of them, in order, turns one version into the next.
#[derive(Debug, Clone, PartialEq)]
pub enum CatalogChange {
    /// Adds the object, or takes the place of the one with its kind and oid.
    Put(Object),
    /// Takes the object out.
    Drop(ObjectKind, ObjectId),
}

impl CatalogChange {
    pub fn put(object: impl Into<Object>) -> Self {
        Self::Put(object.into())
    }
}

impl Catalog {
    pub fn apply(&mut self, changes: &[CatalogChange]) {
        for change in changes {
            match change {
                CatalogChange::Put(object) => self.put(object.clone()),
                CatalogChange::Drop(kind, oid) => self.remove(*kind, *oid),
            }
        }
    }
}
