//! The order of rows by their keys.

use common::Result;

use crate::executor::context::Context;
use crate::executor::keys::Keys;
use crate::sample_sort::sample_sort;

/// A row in the making of the order: the key's first bytes decide most comparisons.
#[derive(Clone, Copy)]
pub struct Entry {
    pub prefix: u64,
    pub batch: u32,
    pub row: u32,
}

/// The first bytes of a key; a shorter one is filled with zeroes.
pub fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = key.len().min(8);
    bytes[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(bytes)
}

/// Sorts the entries; equal keys keep the order in which they came.
pub fn sort_entries(cx: &Context<'_>, entries: &mut [Entry], keys: &[Keys]) -> Result<()> {
    let key = |entry: &Entry| keys[entry.batch as usize].get(entry.row as usize);
    let order = |a: &Entry, b: &Entry| {
        a.prefix
            .cmp(&b.prefix)
            .then_with(|| key(a).cmp(key(b)))
            .then_with(|| (a.batch, a.row).cmp(&(b.batch, b.row)))
    };
    sample_sort(entries, &order, &mut || cx.poll())
}
