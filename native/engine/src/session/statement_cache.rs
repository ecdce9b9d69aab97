//! Texts that a session sends again and again: parsed and planned once.
//!
//! Literals are lifted out first (see [`parser::lift`]), so that texts that differ only in them are
//! one entry. What is kept are statements whose plan does not depend on how much data there is:
//! the short ways by a key, and the insertion of a few rows. All others are planned anew each time,
//! as PostgreSQL does. A text is kept when it comes for the second time.
//!
//! Invariants: at most [`ENTRIES_MAX`] entries, the one used longest ago makes room; an error never
//! comes from here: whatever does not fit goes the ordinary way, whose positions are right.

use std::fmt::Write;
use std::sync::Arc;

use hashbrown::HashMap;
use parser::{Lifted, LiftedLiteral};
use types::{Datum, SqlType, TypeOid};

use super::analyze::is_plannable;
use super::begin::runs_inline;
use super::prepared::{Planned, Prepared, Source};
use super::session::Session;

const ENTRIES_MAX: usize = 64;
/// Longer texts are not kept.
const TEXT_BYTES_MAX: usize = 2048;

/// See the module.
#[derive(Default)]
pub(super) struct StatementCache {
    entries: HashMap<Box<str>, Slot>,
    /// Counts uses.
    clock: u64,
    /// Buffers of the last text.
    lifted: Lifted,
}

struct Slot {
    entry: Entry,
    used: u64,
}

#[derive(Clone)]
enum Entry {
    /// Came once.
    Seen,
    /// Not worth keeping under this version of the catalog.
    Ordinary(u64),
    Ready(Arc<Prepared>),
}

/// A statement that needs no parsing and no planning, with the values that were lifted.
pub(super) struct Known {
    pub prepared: Arc<Prepared>,
    pub planned: Arc<Planned>,
    pub params: Vec<Datum>,
}

impl StatementCache {
    fn get(&mut self, key: &str) -> Option<Entry> {
        self.clock += 1;
        let slot = self.entries.get_mut(key)?;
        slot.used = self.clock;
        Some(slot.entry.clone())
    }

    /// The statements that are kept.
    #[cfg(test)]
    pub(super) fn ready(&self) -> impl Iterator<Item = &Arc<Prepared>> {
        self.entries.values().filter_map(|slot| match &slot.entry {
            Entry::Ready(prepared) => Some(prepared),
            Entry::Seen | Entry::Ordinary(_) => None,
        })
    }

    fn set(&mut self, key: &str, entry: Entry) {
        let used = self.clock;
        if let Some(slot) = self.entries.get_mut(key) {
            *slot = Slot { entry, used };
            return;
        }
        if self.entries.len() >= ENTRIES_MAX {
            let oldest = self.entries.iter().min_by_key(|(_, slot)| slot.used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(key.into(), Slot { entry, used });
    }
}

impl Session {
    /// The one statement that a text of the simple protocol is, if it is known.
    pub(super) fn known_statement(&mut self, sql: &str) -> Option<Known> {
        if sql.len() > TEXT_BYTES_MAX || self.must_not_keep() {
            return None;
        }
        let mut lifted = std::mem::take(&mut self.cache.lifted);
        let known = match parser::lift(sql, &mut lifted) {
            true => self.known_lifted(sql, &mut lifted),
            false => None,
        };
        self.cache.lifted = lifted;
        known
    }

    /// Under a catalog of the transaction's own, or after an error, plans do not last.
    fn must_not_keep(&self) -> bool {
        self.block.is_failed() || self.block.ddl.catalog().is_some()
    }

    fn known_lifted(&mut self, sql: &str, lifted: &mut Lifted) -> Option<Known> {
        let text_len = lifted.text.len();
        // The types of the literals are part of the key.
        lifted.text.push('\0');
        let kinds = lifted.literals.iter().map(|literal| match literal {
            LiftedLiteral::Int4(_) => 'i',
            LiftedLiteral::Int8(_) => 'l',
            LiftedLiteral::Text { .. } => 't',
        });
        lifted.text.extend(kinds);
        let types = lifted.literals.iter().map(|literal| match literal {
            LiftedLiteral::Int4(_) => TypeOid::INT4,
            LiftedLiteral::Int8(_) => TypeOid::INT8,
            LiftedLiteral::Text { .. } => TypeOid(0),
        });
        let types = types.map(SqlType::new);
        let prepared = self.kept(&lifted.text, text_len, types)?;
        let planned = self.planned(&prepared).ok();
        let Some(planned) = planned.filter(|planned| runs_inline(planned)) else {
            let version = self.engine.catalog_cell().version();
            self.cache.set(&lifted.text, Entry::Ordinary(version));
            return None;
        };
        let params = self.values_of(sql, lifted, &prepared)?;
        Some(Known {
            prepared,
            planned,
            params,
        })
    }

    /// A statement that the extended protocol sends again.
    pub(super) fn known_parse(&mut self, sql: &str, declared: &[SqlType]) -> Option<Arc<Prepared>> {
        if sql.len() > TEXT_BYTES_MAX || self.must_not_keep() {
            return None;
        }
        let mut key = std::mem::take(&mut self.cache.lifted.text);
        key.clear();
        key.push_str(sql);
        key.push_str("\0p");
        for ty in declared {
            let _ = write!(key, " {}", ty.oid.0);
        }
        let mut kept = self.kept(&key, sql.len(), declared.iter().copied());
        if let Some(prepared) = &kept
            && !self.is_still_planned(prepared)
        {
            // Its parameters may now have other types.
            self.cache.set(&key, Entry::Seen);
            kept = None;
        }
        self.cache.lifted.text = key;
        kept
    }

    fn is_still_planned(&mut self, prepared: &Prepared) -> bool {
        let Some(planned) = prepared.planned.lock().clone() else {
            return false;
        };
        if self.is_untouched(&planned) {
            return true;
        }
        let version = self.version();
        self.still_holds(&planned, &version)
    }

    /// The statement that is kept under `key`; its text is the key's first `text_len` bytes.
    fn kept(
        &mut self,
        key: &str,
        text_len: usize,
        types: impl Iterator<Item = SqlType>,
    ) -> Option<Arc<Prepared>> {
        let entry = match self.cache.get(key) {
            Some(Entry::Ready(prepared)) => return Some(prepared),
            None => Entry::Seen,
            Some(Entry::Ordinary(version)) => {
                if version == self.engine.catalog_cell().version() {
                    return None;
                }
                Entry::Seen
            }
            Some(Entry::Seen) => match self.prepare_kept(&key[..text_len], types.collect()) {
                Some(prepared) => Entry::Ready(prepared),
                None => Entry::Ordinary(self.engine.catalog_cell().version()),
            },
        };
        self.cache.set(key, entry.clone());
        match entry {
            Entry::Ready(prepared) => Some(prepared),
            Entry::Seen | Entry::Ordinary(_) => None,
        }
    }

    /// Prepares a statement if it is worth keeping. What it had to say is said the ordinary way.
    fn prepare_kept(&mut self, text: &str, declared: Vec<SqlType>) -> Option<Arc<Prepared>> {
        let mut parsed = parser::parse(text).ok()?;
        let statement = parsed.pop().filter(|_| parsed.is_empty())?;
        if !is_plannable(&statement.stmt) {
            return None;
        }
        let source = Source::new(statement, &text.into());
        let prepared = Arc::new(Prepared::new(Some(Arc::new(source)), declared));
        let notices = self.notices.len();
        let planned = self.planned(&prepared);
        let is_silent = self.notices.len() == notices;
        self.notices.truncate(notices);
        let planned = planned.ok()?;
        // A plan that depends on settings is not kept by the statement, so it is not kept here.
        let is_kept = prepared.planned.lock().is_some();
        (is_silent && is_kept && runs_inline(&planned)).then_some(prepared)
    }

    /// The literals as values of the parameters' types; None where one has not its type's form.
    fn values_of(&mut self, sql: &str, lifted: &Lifted, prepared: &Prepared) -> Option<Vec<Datum>> {
        let types = prepared.parameters.get()?;
        if types.len() != lifted.literals.len() {
            return None;
        }
        let context = self.text_context();
        let values = lifted.literals.iter().zip(types.iter());
        values
            .map(|(literal, ty)| match literal {
                LiftedLiteral::Int4(value) => Some(Datum::I32(*value)),
                LiftedLiteral::Int8(value) => Some(Datum::I64(*value)),
                LiftedLiteral::Text { place, doubled } => {
                    let text = &sql[place.clone()];
                    match doubled {
                        true => types::parse_text(*ty, &text.replace("''", "'"), &context).ok(),
                        false => types::parse_text(*ty, text, &context).ok(),
                    }
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::TestClient;
    use super::*;
    use crate::{Engine, EngineOptions};

    /// How many statements are kept ready.
    fn ready(client: &TestClient) -> usize {
        client.session.cache.ready().count()
    }

    fn client() -> TestClient {
        let engine = Engine::open(EngineOptions::default()).expect("opens in memory");
        let mut client = TestClient::connect(&engine);
        client
            .run("CREATE TABLE t (k int PRIMARY KEY, v text)")
            .expect("is made");
        client
    }

    #[test]
    fn texts_that_differ_in_literals_share_a_plan() {
        let mut client = client();
        for k in 0..10 {
            let insert = format!("INSERT INTO t VALUES ({k}, 'v{k}')");
            client.run(&insert).expect("is inserted");
        }
        for k in 0..12 {
            let found = client.run(&format!("SELECT v FROM t WHERE k = {k}"));
            assert_eq!(found.expect("is read"), usize::from(k < 10));
        }
        assert_eq!(ready(&client), 2);
    }

    #[test]
    fn what_depends_on_the_amount_of_data_is_planned_anew() {
        let mut client = client();
        for _ in 0..4 {
            client
                .run("SELECT count(*) FROM t WHERE v = 'x'")
                .expect("is read");
        }
        assert_eq!(ready(&client), 0);
    }

    #[test]
    fn the_entry_used_longest_ago_makes_room() {
        let mut client = client();
        let mut read = |name: &str| {
            let sql = format!("SELECT k AS {name} FROM t WHERE k = 1");
            client.run(&sql).expect("is read");
        };
        read("kept");
        for other in 0..3 * ENTRIES_MAX {
            read(&format!("a{other}"));
            read("kept");
        }
        let cache = &client.session.cache;
        assert_eq!(cache.entries.len(), ENTRIES_MAX);
        assert_eq!(ready(&client), 1);
    }

    #[test]
    fn a_changed_table_is_planned_anew() {
        let mut client = client();
        let mut run = |sql: &str| client.run(sql);
        for _ in 0..3 {
            run("SELECT * FROM t WHERE k = 1").expect("is read");
        }
        run("DROP TABLE t").expect("is dropped");
        assert!(run("SELECT * FROM t WHERE k = 1").is_err());
        run("CREATE TABLE t (k text PRIMARY KEY)").expect("is made");
        run("INSERT INTO t VALUES ('1')").expect("is inserted");
        assert!(
            run("SELECT * FROM t WHERE k = 1").is_err(),
            "text = integer"
        );
        assert_eq!(run("SELECT * FROM t WHERE k = '1'").expect("is read"), 1);
    }
}
