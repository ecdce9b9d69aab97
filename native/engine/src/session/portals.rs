//! The portals of a session, and which of them end with what.
//!
//! Invariants: between transactions there are only cursors WITH HOLD; those that have a name are
//! listed for `pg_cursors`.

use std::collections::BTreeMap;

use super::holdings::CursorInfo;
use super::portal::Portal;
use super::session_handle::SessionHandle;

/// See the module.
pub(super) struct Portals {
    map: BTreeMap<String, Portal>,
    handle: SessionHandle,
    /// Cursors WITH HOLD that the running transaction made.
    unheld: usize,
}

impl Portals {
    pub fn new(handle: SessionHandle) -> Self {
        Self {
            map: BTreeMap::new(),
            handle,
            unheld: 0,
        }
    }

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
        if !name.is_empty() {
            let mut held = self.handle.holdings();
            held.cursors.insert(name.to_owned(), info_of(&portal));
        }
        self.unheld += usize::from(is_unheld(&portal));
        self.map.insert(name.to_owned(), portal);
    }

    pub fn remove(&mut self, name: &str) {
        if self.map.remove(name).is_some() && !name.is_empty() {
            self.changed();
        }
    }

    pub fn clear(&mut self) {
        self.keep(|_| false);
    }

    /// The transaction ends: only what was held stays.
    pub fn end_transaction(&mut self) {
        self.keep(|portal| portal.is_held);
    }

    /// ROLLBACK TO a savepoint, the newest of `depth` that are left: what came after it goes.
    pub fn rollback_to(&mut self, depth: usize) {
        self.keep(|portal| portal.is_held || portal.level < depth);
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

    /// A cursor has moved or was held: it may hold more rows.
    pub fn note_memory(&mut self, name: &str) {
        let Some(portal) = self.map.get(name) else {
            return;
        };
        let bytes = portal.cursor.as_ref().map_or(0, |c| c.memory_bytes());
        if let Some(info) = self.handle.holdings().cursors.get_mut(name) {
            info.memory_bytes = bytes;
        }
    }

    /// The cursors that a commit has to keep.
    pub fn unheld(&self) -> Vec<String> {
        let unheld = self.map.iter().filter(|(_, portal)| is_unheld(portal));
        unheld.map(|(name, _)| name.clone()).collect()
    }

    /// It survives its transaction.
    pub fn set_held(&mut self, name: &str) {
        if let Some(portal) = self.map.get_mut(name) {
            portal.is_held = true;
        }
        self.note_memory(name);
    }

    fn keep(&mut self, test: impl Fn(&Portal) -> bool) {
        // Mostly there is none, or only the unnamed one.
        let has_names = self.map.len() > usize::from(self.map.contains_key(""));
        self.map.retain(|_, portal| test(portal));
        if has_names {
            self.changed();
        }
    }

    /// Named ones have gone, or were held.
    fn changed(&mut self) {
        self.unheld = self.map.values().filter(|portal| is_unheld(portal)).count();
        let mut held = self.handle.holdings();
        held.cursors.retain(|name, _| self.map.contains_key(name));
    }
}

fn is_unheld(portal: &Portal) -> bool {
    let cursor = portal.cursor.as_ref();
    !portal.is_held && cursor.is_some_and(|cursor| cursor.is_hold)
}

fn info_of(portal: &Portal) -> CursorInfo {
    let cursor = portal.cursor.as_ref();
    let source = portal.prepared.source.as_ref();
    CursorInfo {
        statement: source.map_or_else(Default::default, |source| source.text.clone()),
        is_holdable: cursor.is_some_and(|cursor| cursor.is_hold),
        is_scrollable: cursor.is_some_and(|cursor| cursor.is_scroll),
        memory_bytes: cursor.map_or(0, |cursor| cursor.memory_bytes()),
        created_micros: portal.created_micros,
    }
}
