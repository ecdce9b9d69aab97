//! Trees of byte strings against a set, by random changes; and under threads.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use common::limits::PAGE_SIZE;
use common::{PageId, PageNo, Result, Xid};
use proptest::prelude::*;

use super::bytes::{put_u16, u16_at};
use super::leaf_format::{LeafFormat, Part, SplitPoint};
use super::page_tree::{PageTree, Seek};
use super::split::Purpose;
use super::{OPS, page};
use crate::vfs_mem::MemVfs;
use crate::{ApplyFn, FileKind, NoHooks, OpTable, Options, Storage, Wait};

const ADD: u8 = 0xf0;
const TAKE: u8 = 0xf1;
const KEY_OPS: &[(u8, &str, ApplyFn)] = &[(ADD, "key add", add), (TAKE, "key take", take)];

/// Sorted keys: slots { heap offset u16, length u16 }.
struct KeyFormat;

fn key(leaf: &[u8], index: usize) -> &[u8] {
    let slot = page::BODY_START + 4 * index;
    let (offset, len) = (u16_at(leaf, slot), u16_at(leaf, slot + 2));
    page::heap(leaf, usize::from(offset), usize::from(len)).expect("a good leaf")
}

fn keys(leaf: &[u8]) -> Vec<Vec<u8>> {
    (0..page::count(leaf))
        .map(|index| key(leaf, index).to_vec())
        .collect()
}

fn put(leaf: &mut [u8], keys: &[Vec<u8>]) -> Result<bool> {
    let end = page::body_end(leaf)?;
    if keys.iter().map(|key| key.len() + 4).sum::<usize>() > end - page::BODY_START {
        return Ok(false);
    }
    leaf[page::BODY_START..end].fill(0);
    page::set_heap_bytes(leaf, 0);
    page::set_count(leaf, keys.len());
    page::set_lower(leaf, page::BODY_START + 4 * keys.len());
    for (index, key) in keys.iter().enumerate() {
        let offset = page::push_heap(leaf, key)?;
        put_u16(leaf, page::BODY_START + 4 * index, offset as u16);
        put_u16(leaf, page::BODY_START + 4 * index + 2, key.len() as u16);
    }
    Ok(true)
}

fn add(leaf: &mut [u8], body: &[u8]) -> Result<()> {
    let mut all = keys(leaf);
    let at = all.binary_search(&body.to_vec()).expect_err("not there");
    all.insert(at, body.to_vec());
    assert!(put(leaf, &all)?);
    Ok(())
}

fn take(leaf: &mut [u8], body: &[u8]) -> Result<()> {
    let mut all = keys(leaf);
    let at = all.binary_search(&body.to_vec()).expect("there");
    all.remove(at);
    assert!(put(leaf, &all)?);
    Ok(())
}

fn used(leaf: &[u8]) -> usize {
    keys(leaf).iter().map(|key| key.len() + 4).sum()
}

impl LeafFormat for KeyFormat {
    fn kind(&self) -> u8 {
        0x50
    }

    fn build(&self, out: &mut [u8], parts: &[Part<'_>], _: Option<&[u8]>) -> Result<bool> {
        let all: Vec<_> = parts
            .iter()
            .flat_map(|(leaf, range)| keys(leaf)[range.clone()].to_vec())
            .collect();
        put(out, &all)
    }

    fn split_point(&self, leaf: &[u8], new: &[u8]) -> Result<SplitPoint> {
        let all = keys(leaf);
        let is_append = all.last().is_none_or(|last| last.as_slice() < new);
        let at = if is_append {
            all.len()
        } else {
            (all.len() / 2).max(1).min(all.len() - 1)
        };
        let separator = if is_append {
            new.to_vec()
        } else {
            all[at].clone()
        };
        Ok(SplitPoint { at, separator })
    }

    fn split_point_near_end(&self, leaf: &[u8]) -> Result<SplitPoint> {
        let at = page::count(leaf) - 1;
        Ok(SplitPoint {
            at,
            separator: key(leaf, at).to_vec(),
        })
    }

    fn should_merge(&self, left: &[u8], right: &[u8]) -> Result<bool> {
        Ok(used(left) + used(right) < page::BODY_BYTES / 2)
    }

    fn check(&self, leaf: &[u8]) -> Result<()> {
        let all = keys(leaf);
        assert!(all.is_sorted() && all.iter().all(|key| page::covers(leaf, key)));
        Ok(())
    }
}

fn open(vfs: &MemVfs) -> Arc<Storage> {
    let options = Options {
        buffer_pool_bytes: 256 * PAGE_SIZE as u64,
        wal_segment_bytes: 1 << 20,
        wal_ring_bytes: 1 << 20,
        ballast_bytes: 0,
        check_apply: true,
        ..Options::default()
    };
    let ops = OpTable::new().register(OPS).register(KEY_OPS);
    let (storage, _) =
        Storage::open(Arc::new(vfs.clone()), options, ops, Arc::new(NoHooks)).expect("opens");
    storage
}

fn tree() -> PageTree<KeyFormat> {
    let storage = open(&MemVfs::new());
    let file = storage.create_file(Xid(0), FileKind::Data).expect("a file");
    PageTree::create(storage, file, 7, KeyFormat).expect("a tree")
}

fn insert(tree: &PageTree<KeyFormat>, key: &[u8]) -> bool {
    loop {
        let mut mtr = tree.storage().begin();
        let slot = tree
            .latch_leaf(&mut mtr, None, key, Wait::Block)
            .expect("a leaf");
        let leaf = mtr.page(slot);
        if keys(leaf).iter().any(|known| known == key) {
            return false;
        }
        if page::hole_bytes(leaf).expect("a good leaf") >= key.len() + 4 {
            mtr.op(slot, ADD, key);
            mtr.commit(Xid(0)).expect("applies");
            return true;
        }
        drop(mtr);
        tree.split_leaf(key, Purpose::Change(Wait::Block))
            .expect("splits");
    }
}

fn remove(tree: &PageTree<KeyFormat>, key: &[u8]) -> bool {
    let mut mtr = tree.storage().begin();
    let slot = tree
        .latch_leaf(&mut mtr, None, key, Wait::Block)
        .expect("a leaf");
    let leaf = mtr.page(slot);
    if !keys(leaf).iter().any(|known| known == key) {
        return false;
    }
    let is_sparse = used(leaf) < page::BODY_BYTES / 4;
    mtr.op(slot, TAKE, key);
    mtr.commit(Xid(0)).expect("applies");
    if is_sparse {
        tree.merge_leaf(key).expect("merges or not");
    }
    true
}

/// All keys from the left, by right links with their proof.
fn scan(tree: &PageTree<KeyFormat>) -> Vec<Vec<u8>> {
    let (mut all, mut next, mut hint) = (Vec::new(), None::<Vec<u8>>, None);
    loop {
        let seek = next.as_deref().map_or(Seek::First, Seek::Key);
        let (keys, high, right) = tree
            .read_leaf(hint, seek, Wait::Block, |_, leaf| {
                let high = page::high_fence(leaf).map(<[u8]>::to_vec);
                Ok((keys(leaf), high, page::right(leaf)))
            })
            .expect("a leaf");
        // A merge in between gives the leaf read before once more, with more.
        all.extend(
            keys.into_iter()
                .filter(|key| next.as_ref().is_none_or(|next| next <= key)),
        );
        (next, hint) = (high, right);
        if next.is_none() {
            return all;
        }
    }
}

/// All keys from the right.
fn scan_back(tree: &PageTree<KeyFormat>) -> Vec<Vec<u8>> {
    let (mut all, mut low) = (Vec::new(), None::<Vec<u8>>);
    loop {
        let seek = low.as_deref().map_or(Seek::Last, Seek::Before);
        let (keys, fence) = tree
            .read_leaf(None, seek, Wait::Block, |_, leaf| {
                Ok((keys(leaf), page::low_fence(leaf).map(<[u8]>::to_vec)))
            })
            .expect("a leaf");
        all.extend(keys.into_iter().rev());
        low = fence;
        if low.is_none() {
            return all;
        }
    }
}

fn check(tree: &PageTree<KeyFormat>, model: &BTreeSet<Vec<u8>>) {
    assert_eq!(tree.verify().expect("readable"), Vec::<String>::new());
    assert!(scan(tree).iter().eq(model.iter()));
    assert!(scan_back(tree).iter().eq(model.iter().rev()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn a_tree_is_a_sorted_set(
        seed in any::<u64>(), key_bytes in prop_oneof![Just(9usize), Just(300), Just(2600)],
        steps in 200usize..1000, growth in 1u64..4,
    ) {
        let (tree, mut model) = (tree(), BTreeSet::<Vec<u8>>::new());
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let steps = if key_bytes == 9 { steps * 6 } else { steps };
        for step in 0..steps {
            let number = match random(3) {
                0 => step as u64 * 100,
                _ => random(steps as u64 * 100),
            };
            let mut key = number.to_be_bytes().to_vec();
            // Long common prefixes on some, none on others.
            key.rotate_left((number % 3) as usize);
            key.resize(1 + random(key_bytes as u64) as usize, b'.');
            let is_shrinking = step > steps / 2 && random(4) >= growth;
            if is_shrinking {
                let mut near = model.range::<Vec<u8>, _>((Bound::Included(&key), Bound::Unbounded));
                if let Some(known) = near.next().cloned() {
                    prop_assert!(remove(&tree, &known));
                    model.remove(&known);
                }
            } else {
                prop_assert_eq!(insert(&tree, &key), model.insert(key));
            }
        }
        check(&tree, &model);
        for known in model.clone() {
            prop_assert!(remove(&tree, &known));
            model.remove(&known);
        }
        check(&tree, &model);
        // Emptied, it is low again.
        prop_assert!(tree.height(Wait::Block).expect("a root") <= 1);
        tree.storage().close().expect("closes");
    }
}

#[test]
fn ascending_keys_leave_full_leaves_behind() {
    let tree = tree();
    let numbers = 0..50_000u64;
    for number in numbers.clone() {
        assert!(insert(&tree, &number.to_be_bytes()));
    }
    let model = numbers
        .map(|number| number.to_be_bytes().to_vec())
        .collect();
    check(&tree, &model);
    let pages = u64::from(tree.storage().file_pages(tree.file()).expect("a file"));
    assert!(
        pages < 50_000 * 12 / page::BODY_BYTES as u64 + 6,
        "{pages} pages"
    );
    let morsels = tree.morsels(8, Wait::Block).expect("readable");
    assert!(morsels.len() >= 7 && morsels.is_sorted());
    assert_eq!(tree.mark(Wait::Block).expect("a root"), 0);
    tree.raise_mark(77, Wait::Block).expect("logged");
    tree.raise_mark(5, Wait::Block).expect("logged");
    assert_eq!(tree.mark(Wait::Block).expect("a root"), 77);
}

/// The pages of all leaves, from the left.
fn leaves(tree: &PageTree<KeyFormat>) -> Vec<PageId> {
    let (mut all, mut next) = (Vec::new(), None::<Vec<u8>>);
    loop {
        let seek = next.as_deref().map_or(Seek::First, Seek::Key);
        let (no, high) = tree
            .read_leaf(None, seek, Wait::Block, |no, leaf| {
                Ok((no, page::high_fence(leaf).map(<[u8]>::to_vec)))
            })
            .expect("a leaf");
        all.push(tree.page_id(no));
        next = high;
        if next.is_none() {
            return all;
        }
    }
}

#[test]
fn looking_ahead_finds_every_leaf_in_order() {
    let tree = tree();
    let key = |number: u64| {
        let mut key = number.to_be_bytes().to_vec();
        key.resize(2600, b'.');
        key
    };
    // Long keys make inner nodes of few leaves: several levels.
    for number in 0..1500 {
        assert!(insert(&tree, &key(number)));
    }
    assert!(tree.height(Wait::Block).expect("a root") >= 2);
    let all = leaves(&tree);
    for limit in [1, 2, 5, 64] {
        let (mut found, mut from) = (Vec::new(), key(0));
        loop {
            let ahead = tree.leaves_ahead(&from, limit).expect("readable");
            assert!(ahead.pages.len() <= limit);
            let new = ahead.pages.into_iter().filter(|page| !found.contains(page));
            found.extend(new.collect::<Vec<_>>());
            let Some(next) = ahead.next else { break };
            assert!(next > from, "it goes on");
            from = next;
        }
        assert_eq!(found, all[1..], "{limit} at a time");
    }
}

#[test]
fn hints_are_tried_and_stale_ones_do_no_harm() {
    let tree = tree();
    for number in 0..5000u64 {
        insert(&tree, &number.to_be_bytes());
    }
    for number in (0..5000u64).step_by(97) {
        let key = number.to_be_bytes();
        for hint in [0, 1, 2, 3, 4, 9] {
            let found = tree.read_leaf(
                Some(PageNo(hint)),
                Seek::Key(&key),
                Wait::Block,
                |_, leaf| Ok(keys(leaf).contains(&key.to_vec())),
            );
            assert!(found.expect("a leaf"));
        }
    }
}

#[test]
fn threads_grow_and_shrink_one_tree() {
    let tree = Arc::new(tree());
    let threads: Vec<_> = (0..4u64)
        .map(|me| {
            let tree = Arc::clone(&tree);
            std::thread::spawn(move || {
                let key = |number: u64| {
                    let mut key = (number * 4 + me).to_be_bytes().to_vec();
                    key.resize(200, me as u8);
                    key
                };
                (0..1500).for_each(|number| assert!(insert(&tree, &key(number))));
                for number in (0..1500).filter(|number| number % 8 != 0) {
                    assert!(remove(&tree, &key(number)));
                    if number % 500 == 0 {
                        assert!(scan(&tree).is_sorted());
                    }
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("no panic"));
    assert_eq!(tree.verify().expect("readable"), Vec::<String>::new());
    assert_eq!(scan(&tree).len(), 4 * 1500usize.div_ceil(8));
}
