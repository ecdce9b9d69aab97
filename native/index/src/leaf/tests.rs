//! Leaves against a sorted map, and leaves of random bytes.

use std::collections::BTreeMap;

use common::PageNo;
use common::limits::PAGE_SIZE;
use proptest::prelude::*;
use storage::tree::LeafFormat;
use storage::tree::page::{self, BODY_START};

use super::KeyFormat;
use super::draft::Draft;
use super::edit::{self, Put, Room, room};
use super::key_leaf::KeyLeaf;
use crate::entry::full_key;

fn empty() -> Vec<u8> {
    let mut page = vec![0; PAGE_SIZE];
    page::init(&mut page, 0, None, None, None).expect("no fences");
    assert!(Draft::default().write_to(&mut page).expect("fits"));
    page
}

fn leaf_of(fulls: &[Vec<u8>]) -> Vec<u8> {
    let mut draft = Draft::default();
    for full in fulls {
        draft.push(full, None, Some(PageNo(3)));
    }
    let mut page = empty();
    assert!(draft.write_to(&mut page).expect("a good page"));
    page
}

fn fulls() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let key = prop_oneof![
        prop::collection::vec(1u8..4, 0..6),
        prop::collection::vec(7u8..8, 30..33),
        Just(vec![9; 12]),
    ];
    let full = (key, 1u64..2000).prop_map(|(mut key, row)| {
        key.push(0);
        full_key(&key, common::RowId(row))
            .expect("48 bits")
            .to_vec()
    });
    prop::collection::btree_set(full, 1..120).prop_map(|set| set.into_iter().collect())
}

proptest! {
    #[test]
    fn a_leaf_is_a_sorted_map(
        fulls in fulls().prop_shuffle(),
        probes in prop::collection::vec(prop::collection::vec(0u8..10, 0..9), 40),
        values in prop::collection::vec(prop::option::of(0usize..30), 120),
        removals in prop::collection::vec(0usize..1000, 0..60),
    ) {
        let (mut page, mut model) = (empty(), BTreeMap::new());
        let rounds = fulls.iter().zip(&values).chain(fulls.iter().zip(values.iter().rev()));
        for (full, value_len) in rounds {
            let value = value_len.map(|len| vec![5; len]);
            let (index, replaces) = KeyLeaf::new(&page).unwrap().find(full).unwrap();
            prop_assert_eq!(replaces, model.contains_key(full));
            let guess = Some(PageNo(7));
            let put = Put { index, replaces, full, guess, value: value.as_deref() };
            prop_assert_ne!(room(&page, &put).unwrap(), Room::Full);
            edit::put(&mut page, &put).unwrap();
            model.insert(full.clone(), value);
        }
        for removal in removals {
            if model.is_empty() {
                break;
            }
            let index = removal % model.len();
            let full = model.keys().nth(index).unwrap().clone();
            edit::remove(&mut page, index).unwrap();
            model.remove(&full);
        }
        let leaf = KeyLeaf::new(&page).unwrap();
        leaf.check().unwrap();
        prop_assert_eq!(leaf.count(), model.len());
        for (index, (full, value)) in model.iter().enumerate() {
            prop_assert_eq!(&leaf.full(index).unwrap(), full);
            prop_assert_eq!(leaf.value(index).unwrap(), value.as_deref());
            let row = full[full.len() - 6..].iter().fold(0, |row, b| row << 8 | u64::from(*b));
            prop_assert_eq!(leaf.row(index).unwrap().0, row);
            prop_assert!(leaf.begins_with(index, &full[..full.len() - 6]).unwrap());
        }
        for probe in probes {
            let wanted = model.range(..probe.clone()).count();
            prop_assert_eq!(leaf.lower_bound(&probe).unwrap(), wanted);
        }
    }

    #[test]
    fn a_cut_leaves_something_on_both_sides(fulls in fulls(), key in prop::collection::vec(0u8..12, 7..12)) {
        let page = leaf_of(&fulls);
        let point = KeyFormat.split_point(&page, &key).unwrap();
        let (at, separator) = (point.at, &point.separator);
        prop_assert!(fulls[..at].iter().all(|full| full < separator));
        prop_assert!(fulls[at..].iter().all(|full| full >= separator));
        if fulls.len() > 1 {
            prop_assert!(at > 0);
            prop_assert!(at < fulls.len() || &key >= separator);
        }
    }

    /// Every function over a page of any content answers or fails; none panics.
    #[test]
    fn bad_pages_are_errors(
        fulls in fulls(),
        damage in prop::collection::vec((BODY_START - 24..PAGE_SIZE, any::<u8>()), 1..30),
        near in prop::collection::vec((BODY_START - 24..BODY_START + 200, any::<u8>()), 0..30),
        probe in prop::collection::vec(0u8..10, 0..40),
    ) {
        let mut page = leaf_of(&fulls);
        for (at, byte) in damage.into_iter().chain(near) {
            page[at] = byte;
        }
        if let Ok(leaf) = KeyLeaf::new(&page) {
            let _ = (leaf.check(), leaf.find(&probe), leaf.lower_bound(&probe));
            for index in 0..leaf.count() {
                let mut out = Vec::new();
                let _ = (leaf.row(index), leaf.guess(index), leaf.value(index));
                let _ = (leaf.begins_with(index, &probe), leaf.push_key(index, &mut out));
            }
        }
        let put = Put { index: 1, replaces: false, full: &probe, guess: None, value: None };
        let _ = (room(&page, &put), KeyFormat.split_point(&page, &probe));
        let _ = (KeyFormat.should_merge(&page, &page), KeyFormat.check(&page));
        let mut out = empty();
        let count = page::count(&page);
        let _ = KeyFormat.build(&mut out, &[(&page, 0..count)], None);
        for change in 0..4 {
            let mut page = page.clone();
            let _ = match change {
                0 => edit::put(&mut page, &put),
                1 => edit::remove(&mut page, 0),
                2 => edit::set_marked(&mut page, 0, true),
                _ => edit::set_guess(&mut page, 0, None),
            };
        }
    }
}
