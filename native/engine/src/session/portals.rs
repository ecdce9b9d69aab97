//! The portals of a session, and which of them end with what.
//!
//! Invariants: between transactions there are only cursors WITH HOLD; those that have a name are
//! listed for `pg_cursors`.

use std::collections::BTreeMap;

use super::portal::Portal;

/// See the module.
#[derive(Default)]
pub(super) struct Portals {
    map: BTreeMap<String, Portal>,
    /// Cursors WITH HOLD that the running transaction made.
    unheld: usize,
}

impl Portals {
    pub fn len(&self) -> usize {
        self.map.len()
    }

    pub fn contains(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Portal> {
        self.map.get_mut(name)
    }

    /// Replaces one of that name.
    pub fn insert(&mut self, name: &str, portal: Portal) {
        self.map.insert(name.to_owned(), portal);
        self.count_unheld();
    }

    pub fn remove(&mut self, name: &str) {
        if self.map.remove(name).is_some() {
            self.count_unheld();
        }
    }

    pub fn clear(&mut self) {
        self.map.clear();
        self.unheld = 0;
    }

    /// The transaction ends: only what was held stays.
    pub fn end_transaction(&mut self) {
        if !self.map.is_empty() {
            self.map.retain(|_, portal| portal.is_held());
            self.unheld = 0;
        }
    }

    /// ROLLBACK TO a savepoint, the newest of `depth` that are left: what came after it goes.
    pub fn rollback_to(&mut self, depth: usize) {
        self.map
            .retain(|_, portal| portal.is_held() || portal.level < depth);
        self.count_unheld();
    }

    /// RELEASE of savepoints: `depth` are left, what came after them is theirs.
    pub fn release(&mut self, depth: usize) {
        for portal in self.map.values_mut() {
            portal.level = portal.level.min(depth);
        }
    }

    /// Whether a commit has cursors to keep.
    pub fn has_unheld(&self) -> bool {
        self.unheld > 0
    }

    /// The cursors that a commit has to keep.
    pub fn unheld(&mut self) -> impl Iterator<Item = &mut Portal> {
        self.map.values_mut().filter(|portal| is_unheld(portal))
    }

    fn count_unheld(&mut self) {
        self.unheld = self.map.values().filter(|portal| is_unheld(portal)).count();
    }
}

fn is_unheld(portal: &Portal) -> bool {
    let cursor = portal.cursor.as_ref();
    cursor.is_some_and(|cursor| cursor.is_hold && !cursor.is_held)
}
