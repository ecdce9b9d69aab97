//! The number of each group, by its key.

use common::{Result, sqlstate};

use crate::executor::context::Context;
use crate::executor::key_table::{KeyTable, Slot};
use crate::executor::packed_keys::BatchKeys;
use crate::executor::packed_table::{NONE, PackedTable};

/// Groups are numbered from 0 in order of first sight.
pub enum GroupTable {
    Bytes(KeyTable),
    Packed {
        table: PackedTable,
        /// The group of the null key.
        null: Option<u32>,
        count: u32,
    },
}

impl GroupTable {
    pub fn new(is_packed: bool) -> Self {
        match is_packed {
            true => Self::Packed {
                table: PackedTable::default(),
                null: None,
                count: 0,
            },
            false => Self::Bytes(KeyTable::default()),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(table) => table.len(),
            Self::Packed { count, .. } => *count as usize,
        }
    }

    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Bytes(table) => table.memory_bytes(),
            Self::Packed { table, .. } => table.memory_bytes(),
        }
    }

    /// Bytes that `more` new groups may need at once.
    pub fn growth_bytes(&self, more: usize) -> usize {
        match self {
            Self::Bytes(table) => table.growth_bytes(more),
            Self::Packed { table, .. } => table.growth_bytes(more),
        }
    }

    /// Appends the group of each row to `groups`, and calls `added` for each row that makes one.
    pub fn insert(
        &mut self,
        cx: &Context<'_>,
        keys: &BatchKeys,
        groups: &mut Vec<u32>,
        mut added: impl FnMut(usize),
    ) -> Result<()> {
        match (self, keys) {
            (Self::Bytes(table), BatchKeys::Bytes(keys)) => {
                table.reserve(keys.len(), &|| cx.poll())?;
                for row in 0..keys.len() {
                    let slot = table.insert(keys.get(row))?;
                    if let Slot::New(_) = slot {
                        added(row);
                    }
                    groups.push(slot.number());
                }
            }
            (Self::Packed { table, null, count }, BatchKeys::Packed { words, nulls }) => {
                table.reserve(words.len(), &|| cx.poll())?;
                for (row, word) in words.iter().enumerate() {
                    let is_null = nulls.as_ref().is_some_and(|nulls| nulls[row]);
                    let entry = match is_null {
                        true => null.get_or_insert(NONE),
                        false => table.entry(*word),
                    };
                    if *entry == NONE {
                        *entry = *count;
                        *count = next(*count)?;
                        added(row);
                    }
                    groups.push(*entry);
                }
            }
            _ => {
                return Err(common::Error::internal(
                    "a grouping's keys changed their form",
                ));
            }
        }
        Ok(())
    }

    /// Whether each row's group is there.
    pub fn has(&self, keys: &BatchKeys) -> Vec<bool> {
        match (self, keys) {
            (Self::Bytes(table), BatchKeys::Bytes(keys)) => (0..keys.len())
                .map(|row| table.find(keys.get(row)).is_some())
                .collect(),
            (Self::Packed { table, null, .. }, BatchKeys::Packed { words, nulls }) => {
                let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls[row]);
                let has = |(row, word): (usize, &u64)| match is_null(row) {
                    true => null.is_some(),
                    false => table.get(*word) != NONE,
                };
                words.iter().enumerate().map(has).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn next(count: u32) -> Result<u32> {
    let next = count.checked_add(1).filter(|next| *next != NONE);
    next.ok_or_else(|| common::err!(sqlstate::PROGRAM_LIMIT_EXCEEDED, "too many groups"))
}
