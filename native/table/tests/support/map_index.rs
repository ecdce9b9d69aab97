//! An index in a map, kept as index trees are: what rollback and purge must do to it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use common::{Result, RowId};
use table::{IndexedVersion, RowIndexes};
use types::Datum;

/// Keys in a form that sorts; the value says whether the entry is marked.
#[derive(Default)]
pub struct MapIndex {
    pub entries: Mutex<BTreeMap<(String, u64), bool>>,
}

/// The column that is the key.
pub const KEY: u16 = 1;

pub fn key_of(value: &Datum) -> String {
    match value {
        Datum::Bytes(bytes) => format!("{:?}", &bytes[..bytes.len().min(1)]),
        other => format!("{other:?}"),
    }
}

fn key(version: &IndexedVersion) -> Option<String> {
    (!version.is_deleted).then(|| key_of(&version.values[0]))
}

impl MapIndex {
    fn set(&self, key: String, row: u64, is_marked: bool) {
        self.entries
            .lock()
            .expect("no panic")
            .insert((key, row), is_marked);
    }

    fn remove(&self, key: String, row: u64) {
        self.entries.lock().expect("no panic").remove(&(key, row));
    }

    /// What a writer does after its change of the row.
    pub fn changed(&self, row: u64, old: Option<&Datum>, new: Option<&Datum>) {
        let (old, new) = (old.map(key_of), new.map(key_of));
        if old == new {
            return;
        }
        if let Some(old) = old {
            self.set(old, row, true);
        }
        if let Some(new) = new {
            self.set(new, row, false);
        }
    }
}

impl RowIndexes for MapIndex {
    fn columns(&self) -> Vec<u16> {
        vec![KEY]
    }

    fn take_back(
        &self,
        row: RowId,
        newest: &IndexedVersion,
        before: Option<&IndexedVersion>,
        older: &[IndexedVersion],
    ) -> Result<()> {
        let (new, old) = (key(newest), before.and_then(key));
        if new == old {
            return Ok(());
        }
        if let Some(new) = new {
            let is_older = older
                .iter()
                .any(|version| key(version).as_ref() == Some(&new));
            match is_older {
                true => self.set(new, row.0, true),
                false => self.remove(new, row.0),
            }
        }
        if let Some(old) = old {
            self.set(old, row.0, false);
        }
        Ok(())
    }

    fn purge(&self, row: RowId, gone: &IndexedVersion, reachable: &[IndexedVersion]) -> Result<()> {
        let gone = key(gone).expect("a deletion has no key to purge");
        if !reachable
            .iter()
            .any(|version| key(version).as_ref() == Some(&gone))
        {
            self.remove(gone, row.0);
        }
        Ok(())
    }
}
