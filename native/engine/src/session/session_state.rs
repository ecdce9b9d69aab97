//! A session's state as a value: what makes it differ from one that was just made for the same
//! client, as sorted lines and as a hash of them.
//!
//! It counts what a client can notice later: settings that differ from those of its start-up packet,
//! prepared statements, temporary relations, held cursors, channels, advisory locks of the session,
//! values of sequences. Invariants: the order in which things were made does not count, nor do
//! numbers that only this session has; [`PRISTINE_HASH`] is the hash of no lines, and DISCARD ALL
//! leads there.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{Catalog, Object};
use common::Result;
use txn::AdvisoryKey;

use super::cursor_rows::Nowhere;
use super::sequence_values::SequenceValues;
use super::session::Session;
use super::session_facts::SessionFacts;
use super::session_handle::SessionHandle;
use super::work::{Mode, Progress};
use crate::engine::Engine;
use crate::settings::SessionSettings;

/// What a session without any state has: the hash of the empty text.
pub const PRISTINE_HASH: u64 = 0xe3b0_c442_98fc_1c14;

/// Where the state of a session lies.
struct StateParts<'a> {
    engine: &'a Engine,
    handle: &'a SessionHandle,
    catalog: &'a Catalog,
    settings: &'a SessionSettings,
    sequences: &'a SequenceValues,
}

impl StateParts<'_> {
    /// One line for each thing, sorted; within a line parts are apart by zero bytes.
    fn lines(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        for (name, value) in self.settings.changed_since_startup() {
            let value = value.map_or_else(String::new, |value| format!("={value}"));
            lines.insert(format!("setting\0{name}{value}"));
        }
        let held = self.handle.holdings();
        for (name, info) in &held.statements {
            let source = info.prepared.source.as_ref();
            let text = source.map_or("", |source| &source.text);
            lines.insert(format!("statement\0{name}\0{text}"));
        }
        for (name, info) in held.cursors.iter().filter(|(_, info)| info.is_holdable) {
            lines.insert(format!("cursor\0{name}\0{}", info.statement));
        }
        let schema = held.temp_schema.clone();
        drop(held);
        if let Some(schema) = schema.and_then(|name| self.catalog.schema_by_name(&name)) {
            let relations = self.catalog.relations_in(schema.oid);
            lines.extend(relations.map(|relation| temporary_line(&relation)));
        }
        let log = self.engine.streams().notifications();
        for channel in log.topics(self.handle.pid()) {
            lines.insert(format!("channel\0{channel}"));
        }
        let locks = self.engine.txns().locks();
        for (key, is_shared, count) in locks.session_advisory(&self.handle.backend) {
            let key = match key {
                AdvisoryKey::Big(key) => format!("{key}"),
                AdvisoryKey::Pair(a, b) => format!("{a},{b}"),
            };
            lines.insert(format!("advisory\0{key}\0{is_shared}\0{count}"));
        }
        for (sequence, value) in self.sequences.values() {
            lines.insert(format!("sequence\0{}\0{value}", sequence.0));
        }
        lines
    }

    fn hash(&self) -> u64 {
        let mut text = String::new();
        for line in self.lines() {
            text.push_str(&line);
            text.push('\n');
        }
        let digest = functions::sha256(text.as_bytes());
        let first = digest.first_chunk::<8>().copied().unwrap_or_default();
        u64::from_be_bytes(first)
    }
}

fn temporary_line(object: &Object) -> String {
    match object {
        Object::Table(table) => {
            let mut line = format!("temporary\0{}", table.name);
            for column in &table.columns {
                line.push_str(&format!("\0{} {}", column.name, column.ty.oid.0));
            }
            line
        }
        Object::Sequence(sequence) => format!("temporary\0{}", sequence.name),
        _ => String::new(),
    }
}

impl Session {
    /// A stable hash of the session's state; see the module. Between transactions.
    pub fn state_hash(&self) -> u64 {
        let version = self.version();
        let parts = StateParts {
            engine: &self.engine,
            handle: &self.handle,
            catalog: &version.catalog,
            settings: &self.settings(),
            sequences: &self.sequences.lock(),
        };
        parts.hash()
    }

    /// Whether the session is as one that was just made for its client: no transaction is open and
    /// [`Session::state_hash`] is [`PRISTINE_HASH`]. Cheap where there is nothing.
    pub fn is_pristine(&self) -> bool {
        let held = self.handle.holdings();
        let has_names = !held.statements.is_empty() || !held.cursors.is_empty();
        drop(held);
        if !self.block.is_idle() || has_names || self.listens {
            return false;
        }
        self.state_hash() == PRISTINE_HASH
    }

    /// Rolls back what is open and does what DISCARD ALL does. It may wait, for the disk too: call
    /// it on a worker. After an error the session is to be dropped.
    pub fn reset_state(&mut self) -> Result<()> {
        self.portals.clear();
        let rolled_back = self.block.rollback();
        self.settings().rollback_all();
        self.deferred.clear();
        self.temporary.written.clear();
        self.remove_orphans();
        rolled_back?;
        let mut work = self.begin_simple("DISCARD ALL");
        let engine: Arc<Engine> = self.engine.clone();
        loop {
            match self.run(&mut work, &mut Nowhere, Mode::Aside)? {
                Progress::Done => break,
                Progress::Commit(ticket) => engine.wait(ticket)?,
                Progress::Full | Progress::More | Progress::Aside | Progress::CopyIn => {}
            }
        }
        self.is_read_only = false;
        let _ = self.take_notices();
        Ok(())
    }
}

/// `rustydb_session_state_hash()`: 16 hexadecimal digits.
pub fn state_hash_text(facts: &SessionFacts) -> String {
    let parts = StateParts {
        engine: &facts.engine,
        handle: &facts.handle,
        catalog: &facts.catalog,
        settings: &facts.settings.lock(),
        sequences: &facts.sequences.lock(),
    };
    format!("{:016x}", parts.hash())
}
