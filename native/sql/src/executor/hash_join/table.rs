//! The first row of each key.

use common::Result;

use crate::executor::context::Context;
use crate::executor::key_table::KeyTable;
use crate::executor::packed_keys::BatchKeys;
use crate::executor::packed_table::{NONE, PackedTable};

/// No row.
pub const END: u32 = NONE;

/// Rows of a key form a list, in reverse order of arrival: its head is here.
pub enum JoinTable {
    Bytes { table: KeyTable, heads: Vec<u32> },
    Packed(PackedTable),
}

impl JoinTable {
    pub fn new(is_packed: bool) -> Self {
        match is_packed {
            true => Self::Packed(PackedTable::default()),
            false => Self::Bytes {
                table: KeyTable::default(),
                heads: Vec::new(),
            },
        }
    }

    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Bytes { table, heads } => table.memory_bytes() + heads.capacity() * 4,
            Self::Packed(table) => table.memory_bytes(),
        }
    }

    /// Bytes that taking `more` keys in may need at once.
    pub fn growth_bytes(&self, more: usize) -> usize {
        match self {
            Self::Bytes { table, heads } => table.growth_bytes(more) + heads.len() * 4,
            Self::Packed(table) => table.growth_bytes(more),
        }
    }

    /// Takes rows in, numbered from `nexts.len()` on; appends what follows each in its list. Rows
    /// with a null key are in none.
    pub fn insert(
        &mut self,
        cx: &Context<'_>,
        keys: &BatchKeys,
        nexts: &mut Vec<u32>,
    ) -> Result<()> {
        match (self, keys) {
            (Self::Bytes { table, heads }, BatchKeys::Bytes(keys)) => {
                table.reserve(keys.len(), &|| cx.poll())?;
                for row in 0..keys.len() {
                    if keys.has_null(row) {
                        nexts.push(END);
                        continue;
                    }
                    let number = table.insert(keys.get(row))?.number() as usize;
                    if number == heads.len() {
                        heads.push(END);
                    }
                    let at = nexts.len() as u32;
                    nexts.push(std::mem::replace(&mut heads[number], at));
                }
            }
            (Self::Packed(table), BatchKeys::Packed { words, nulls }) => {
                table.reserve(words.len(), &|| cx.poll())?;
                for (row, word) in words.iter().enumerate() {
                    let at = nexts.len() as u32;
                    let is_null = nulls.as_ref().is_some_and(|nulls| nulls[row]);
                    nexts.push(match is_null {
                        true => END,
                        false => std::mem::replace(table.entry(*word), at),
                    });
                }
            }
            _ => return Err(common::Error::internal("a join's keys changed their form")),
        }
        Ok(())
    }

    /// The head of each row's list.
    pub fn find(&self, keys: &BatchKeys, out: &mut Vec<u32>) -> Result<()> {
        out.clear();
        match (self, keys) {
            (Self::Bytes { table, heads }, BatchKeys::Bytes(keys)) => {
                out.extend((0..keys.len()).map(|row| {
                    match keys.has_null(row) {
                        true => END,
                        false => table
                            .find(keys.get(row))
                            .map_or(END, |number| heads[number as usize]),
                    }
                }));
            }
            (Self::Packed(table), BatchKeys::Packed { words, nulls: None }) => {
                out.extend(words.iter().map(|word| table.get(*word)));
            }
            (
                Self::Packed(table),
                BatchKeys::Packed {
                    words,
                    nulls: Some(nulls),
                },
            ) => {
                let find = |(word, null): (&u64, &bool)| if *null { END } else { table.get(*word) };
                out.extend(words.iter().zip(nulls).map(find));
            }
            _ => return Err(common::Error::internal("a join's keys changed their form")),
        }
        Ok(())
    }
}
