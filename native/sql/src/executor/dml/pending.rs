//! Foreign key checks that wait for the end of the statement.

use std::collections::VecDeque;
use std::sync::Arc;

use common::{Result, RowId, err, sqlstate};
use types::Datum;

use crate::ir::TableRules;

/// The most events of one statement; more is 53200.
const EVENTS_MAX: usize = 64 * 1024 * 1024;

/// A change that a foreign key has to look at.
#[derive(Clone, Debug)]
pub enum Event {
    /// A row of a referring table has this key now: it must exist.
    Child {
        rules: Arc<TableRules>,
        number: usize,
        row: RowId,
        key: Vec<Datum>,
    },
    /// A row of a referred table lost this key: rows that refer to it are acted upon.
    Parent {
        rules: Arc<TableRules>,
        number: usize,
        row: RowId,
        key: Vec<Datum>,
        /// The key that replaced it; `None`: the row was deleted.
        new: Option<Vec<Datum>>,
    },
}

impl Event {
    pub fn child(rules: &Arc<TableRules>, number: usize, row: RowId, key: Vec<Datum>) -> Self {
        Self::Child {
            rules: rules.clone(),
            number,
            row,
            key,
        }
    }
}

/// Events in order of their happening.
#[derive(Default)]
pub struct PendingChecks {
    pub events: VecDeque<Event>,
}

impl PendingChecks {
    pub fn push(&mut self, event: Event) -> Result<()> {
        if self.events.len() >= EVENTS_MAX {
            return Err(err!(
                sqlstate::OUT_OF_MEMORY,
                "too many pending trigger events"
            ));
        }
        self.events.push_back(event);
        Ok(())
    }
}
