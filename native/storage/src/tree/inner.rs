//! Inner nodes: separators and the children between them.
//!
//! Body: prefix length u16, pad u16, leftmost child u32, then a slot a separator, in key order:
//! head u32 (the first four bytes after the prefix, as a number), child u32 (the keys from this
//! separator on), heap offset u16, length u16 of what follows the prefix. The heap holds the prefix
//! that all separators share (first, so its offset is its length) and the bytes after each head. A
//! search compares heads and touches the heap only where they are equal.

use std::cmp::Ordering;

use common::{Error, PageNo, Result};

use super::bytes::{put_u16, put_u32, slice, u16_at, u32_at};
use super::page::{self, BODY_START};

pub(super) const PREFIX_LEN: usize = BODY_START;
pub(super) const LEFTMOST: usize = BODY_START + 4;
pub(super) const SLOTS: usize = BODY_START + 8;
pub(super) const SLOT_BYTES: usize = 12;
pub(super) const HEAD_BYTES: usize = 4;

/// A separator and the child for the keys from it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: Vec<u8>,
    pub child: PageNo,
}

pub(super) fn head_of(suffix: &[u8]) -> u32 {
    let mut head = [0; HEAD_BYTES];
    let len = suffix.len().min(HEAD_BYTES);
    head[..len].copy_from_slice(&suffix[..len]);
    u32::from_be_bytes(head)
}

fn tail_of(suffix: &[u8]) -> &[u8] {
    suffix.get(HEAD_BYTES..).unwrap_or_default()
}

fn prefix(node: &[u8]) -> Result<&[u8]> {
    let len = usize::from(u16_at(node, PREFIX_LEN));
    page::heap(node, len, len)
}

/// Number of separators, checked against the arrays' end.
fn checked_count(node: &[u8]) -> Result<usize> {
    let count = page::count(node);
    if SLOTS + count * SLOT_BYTES > page::lower(node) || page::lower(node) > node.len() {
        return Err(Error::corrupted(
            "an inner node has more separators than slots",
        ));
    }
    Ok(count)
}

fn slot_len(node: &[u8], slot: usize) -> usize {
    usize::from(u16_at(node, slot + 10))
}

fn slot_tail(node: &[u8], slot: usize) -> Result<&[u8]> {
    let len = slot_len(node, slot).saturating_sub(HEAD_BYTES);
    page::heap(node, usize::from(u16_at(node, slot + 8)), len)
}

/// Compares the separator in `slot` with a key's bytes after the prefix.
fn compare(node: &[u8], slot: usize, head: u32, suffix: &[u8]) -> Result<Ordering> {
    let by_head = u32_at(node, slot).cmp(&head);
    if by_head.is_ne() {
        return Ok(by_head);
    }
    let len = slot_len(node, slot);
    if len <= HEAD_BYTES || suffix.len() <= HEAD_BYTES {
        // Equal heads, padded with zeros: the shorter one is a prefix of the other.
        return Ok(len.cmp(&suffix.len()));
    }
    Ok(slot_tail(node, slot)?.cmp(tail_of(suffix)))
}

/// How many separators are <= `key`: the index of its child.
pub fn find(node: &[u8], key: &[u8]) -> Result<usize> {
    search(node, key, Ordering::is_le)
}

/// How many separators are < `key`: the index of the child for the keys just below it.
pub fn find_before(node: &[u8], key: &[u8]) -> Result<usize> {
    search(node, key, Ordering::is_lt)
}

#[inline(always)]
fn search(node: &[u8], key: &[u8], is_left: impl Fn(Ordering) -> bool) -> Result<usize> {
    let count = checked_count(node)?;
    let prefix = prefix(node)?;
    let common = prefix.len().min(key.len());
    match key[..common].cmp(&prefix[..common]) {
        Ordering::Less => return Ok(0),
        Ordering::Greater => return Ok(count),
        Ordering::Equal if key.len() < prefix.len() => return Ok(0),
        Ordering::Equal => {}
    }
    let suffix = &key[common..];
    let head = head_of(suffix);
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if is_left(compare(node, SLOTS + middle * SLOT_BYTES, head, suffix)?) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The child with this index, 0 being the leftmost.
pub fn child(node: &[u8], index: usize) -> Result<PageNo> {
    if index > checked_count(node)? {
        return Err(Error::corrupted("an inner node has too few children"));
    }
    Ok(PageNo(match index {
        0 => u32_at(node, LEFTMOST),
        _ => u32_at(node, SLOTS + (index - 1) * SLOT_BYTES + 4),
    }))
}

/// The separator with this index.
pub fn key(node: &[u8], index: usize) -> Result<Vec<u8>> {
    if index >= checked_count(node)? {
        return Err(Error::corrupted("an inner node has too few separators"));
    }
    let slot = SLOTS + index * SLOT_BYTES;
    let mut key = prefix(node)?.to_vec();
    let head_len = slot_len(node, slot).min(HEAD_BYTES);
    key.extend_from_slice(&u32_at(node, slot).to_be_bytes()[..head_len]);
    key.extend_from_slice(slot_tail(node, slot)?);
    Ok(key)
}

/// All separators with their children, the leftmost child apart.
pub fn entries(node: &[u8]) -> Result<(PageNo, Vec<Entry>)> {
    let entries = (0..checked_count(node)?)
        .map(|index| {
            let (key, child) = (key(node, index)?, child(node, index + 1)?);
            Ok(Entry { key, child })
        })
        .collect::<Result<_>>()?;
    Ok((child(node, 0)?, entries))
}

fn shared_prefix_len(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Lays the separators out in `node`, an empty inner page with its fences.
pub fn build(node: &mut [u8], leftmost: PageNo, entries: &[Entry]) -> Result<()> {
    let prefix_len = match entries {
        // Sorted: what the ends share, all share. A lone separator keeps its bytes in its slot.
        [first, .., last] => shared_prefix_len(&first.key, &last.key),
        _ => 0,
    };
    put_u16(node, PREFIX_LEN, prefix_len as u16);
    put_u32(node, LEFTMOST, leftmost.0);
    page::set_lower(node, SLOTS);
    if let Some(first) = entries.first() {
        page::push_heap(node, &first.key[..prefix_len])?;
    }
    for (index, entry) in entries.iter().enumerate() {
        put_slot(node, index, &entry.key[prefix_len..], entry.child)?;
    }
    Ok(())
}

/// Opens a slot at `index` and fills it.
fn put_slot(node: &mut [u8], index: usize, suffix: &[u8], child: PageNo) -> Result<()> {
    let (count, lower) = (page::count(node), page::lower(node));
    if page::hole_bytes(node)? < SLOT_BYTES + tail_of(suffix).len() {
        return Err(Error::corrupted("an inner node is full"));
    }
    let slot = SLOTS + index * SLOT_BYTES;
    node.copy_within(slot..lower, slot + SLOT_BYTES);
    page::set_lower(node, lower + SLOT_BYTES);
    let offset = page::push_heap(node, tail_of(suffix))?;
    put_u32(node, slot, head_of(suffix));
    put_u32(node, slot + 4, child.0);
    put_u16(node, slot + 8, offset as u16);
    put_u16(node, slot + 10, suffix.len() as u16);
    page::set_count(node, count + 1);
    Ok(())
}

/// Bytes of slots and heap that a node with these separators needs.
fn need_bytes(entries: &[Entry]) -> usize {
    let prefix_len = match entries {
        [first, .., last] => shared_prefix_len(&first.key, &last.key),
        _ => 0,
    };
    let tail = |e: &Entry| (e.key.len() - prefix_len).saturating_sub(HEAD_BYTES);
    let tails: usize = entries.iter().map(tail).sum();
    prefix_len + tails + entries.len() * SLOT_BYTES
}

/// Whether separators fit between fences of these lengths.
pub fn fits(entries: &[Entry], fences_bytes: usize) -> bool {
    need_bytes(entries) + (SLOTS - BODY_START) + fences_bytes <= page::BODY_BYTES
}

fn fits_in_place(node: &[u8], key: &[u8]) -> Result<bool> {
    let prefix = prefix(node)?;
    Ok(key.starts_with(prefix)
        && SLOT_BYTES + tail_of(&key[prefix.len()..]).len() <= page::hole_bytes(node)?)
}

/// Whether [`insert`] of this separator will succeed.
pub fn has_room(node: &[u8], key: &[u8]) -> Result<bool> {
    if fits_in_place(node, key)? {
        return Ok(true);
    }
    let (_, mut all) = entries(node)?;
    let index = find(node, key)?;
    all.insert(
        index,
        Entry {
            key: key.to_vec(),
            child: PageNo(0),
        },
    );
    let fences_bytes = common::limits::PAGE_SIZE - page::body_end(node)?;
    Ok(fits(&all, fences_bytes))
}

/// Adds a separator and the child to its right.
pub fn insert(node: &mut [u8], key: &[u8], child: PageNo) -> Result<()> {
    let index = find(node, key)?;
    if fits_in_place(node, key)? {
        let prefix_len = prefix(node)?.len();
        return put_slot(node, index, &key[prefix_len..], child);
    }
    let (leftmost, mut all) = entries(node)?;
    all.insert(
        index,
        Entry {
            key: key.to_vec(),
            child,
        },
    );
    rebuild(node, leftmost, &all)
}

/// Takes out the separator with this index and the child to its right.
pub fn remove(node: &mut [u8], index: usize) -> Result<()> {
    let (leftmost, mut all) = entries(node)?;
    if index >= all.len() {
        return Err(Error::corrupted("an inner node has too few separators"));
    }
    all.remove(index);
    rebuild(node, leftmost, &all)
}

fn rebuild(node: &mut [u8], leftmost: PageNo, entries: &[Entry]) -> Result<()> {
    let end = page::body_end(node)?;
    slice(node, BODY_START, end.saturating_sub(BODY_START))?;
    node[BODY_START..end].fill(0);
    page::set_count(node, 0);
    page::set_heap_bytes(node, 0);
    page::set_lower(node, BODY_START);
    build(node, leftmost, entries)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use common::limits::PAGE_SIZE;
    use proptest::prelude::*;

    use super::*;

    fn node() -> Vec<u8> {
        let mut node = vec![0; PAGE_SIZE];
        page::init(&mut node, 1, None, None, None).expect("no fences");
        build(&mut node, PageNo(7), &[]).expect("fits");
        node
    }

    fn check(node: &[u8], model: &BTreeMap<Vec<u8>, u32>, probe: &[u8]) {
        let (leftmost, all) = entries(node).expect("a good node");
        assert_eq!(leftmost, PageNo(7));
        let wanted: Vec<_> = model
            .iter()
            .map(|(key, child)| Entry {
                key: key.clone(),
                child: PageNo(*child),
            })
            .collect();
        assert_eq!(all, wanted);
        let index = find(node, probe).expect("a good node");
        assert_eq!(index, model.range(..=probe.to_vec()).count());
    }

    proptest! {
        #[test]
        fn a_node_is_a_sorted_map(
            keys in prop::collection::vec(prop::collection::vec(0u8..3, 0..9), 1..60),
            probes in prop::collection::vec(prop::collection::vec(0u8..3, 0..9), 60),
            removals in prop::collection::vec(0usize..1000, 0..30),
        ) {
            let (mut node, mut model) = (node(), BTreeMap::new());
            for (child, (key, probe)) in keys.iter().zip(&probes).enumerate() {
                if model.contains_key(key) {
                    continue;
                }
                prop_assert!(has_room(&node, key).expect("a good node"));
                insert(&mut node, key, PageNo(child as u32)).expect("fits");
                model.insert(key.clone(), child as u32);
                check(&node, &model, probe);
            }
            for (removal, probe) in removals.iter().zip(&probes) {
                if model.is_empty() {
                    break;
                }
                let index = removal % model.len();
                let key = model.keys().nth(index).expect("within").clone();
                model.remove(&key);
                remove(&mut node, index).expect("within");
                check(&node, &model, probe);
            }
        }
    }

    #[test]
    fn a_full_node_says_so_before_it_is_asked() {
        let mut node = node();
        let mut count = 0u64;
        while has_room(&node, &count.to_be_bytes()).expect("a good node") {
            insert(&mut node, &count.to_be_bytes(), PageNo(1)).expect("has room");
            count += 1;
        }
        assert!(count > 900, "{count} separators of 8 bytes fit");
        let before = node.clone();
        assert!(insert(&mut node, &count.to_be_bytes(), PageNo(1)).is_err() || before != node);
    }

    #[test]
    fn four_longest_keys_fit() {
        let mut node = node();
        for first in 0..4u8 {
            let key = vec![first; page::KEY_BYTES_MAX];
            assert!(has_room(&node, &key).expect("a good node"));
            insert(&mut node, &key, PageNo(1)).expect("has room");
        }
    }
}
