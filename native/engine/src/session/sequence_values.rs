//! What `currval` and `lastval` answer: the values that this session got.

use std::collections::BTreeMap;

use common::{ObjectId, Result, err, sqlstate};

/// Sequences whose value one session remembers; beyond, the oldest oid is forgotten.
const SEQUENCES_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub struct SequenceValues {
    values: BTreeMap<ObjectId, i64>,
    last: Option<ObjectId>,
}

impl SequenceValues {
    pub fn set(&mut self, sequence: ObjectId, value: i64) {
        if self.values.len() >= SEQUENCES_MAX && !self.values.contains_key(&sequence) {
            self.values.pop_first();
        }
        self.values.insert(sequence, value);
    }

    /// As [`SequenceValues::set`], by nextval: what `lastval` speaks of.
    pub fn set_last(&mut self, sequence: ObjectId, value: i64) {
        self.set(sequence, value);
        self.last = Some(sequence);
    }

    /// The values that are remembered.
    pub fn values(&self) -> impl Iterator<Item = (ObjectId, i64)> {
        self.values
            .iter()
            .map(|(sequence, value)| (*sequence, *value))
    }

    /// 55000 when nextval was not called in this session.
    pub fn current(&self, sequence: ObjectId, name: &str) -> Result<i64> {
        self.values.get(&sequence).copied().ok_or_else(|| {
            err!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "currval of sequence \"{name}\" is not yet defined in this session"
            )
        })
    }

    pub fn last(&self) -> Result<i64> {
        let last = self.last.and_then(|sequence| self.values.get(&sequence));
        last.copied().ok_or_else(|| {
            err!(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "lastval is not yet defined in this session"
            )
        })
    }
}
