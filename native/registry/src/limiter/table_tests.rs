use std::collections::HashMap;

use super::*;
use crate::limiter::algorithm::{Algorithm, SLOWNESS_ONE, Terms};
use crate::limiter::key_hash::{Secret, key_hash};

fn key(n: u64) -> u128 {
    key_hash(Secret([1, 2]), &n.to_le_bytes())
}

fn terms() -> Terms {
    Terms::new(Algorithm::TokenBucket, 1, 1, Some(5))
}

fn take(table: &Table, n: u64, now_ns: u64) -> Option<bool> {
    let terms = terms();
    table.with(key(n), now_ns, |state| {
        let taken = terms.take(state, 1, now_ns, SLOWNESS_ONE);
        Worked {
            result: taken.allowed,
            fresh_at: terms.fresh_at(state),
        }
    })
}

#[test]
fn a_million_clients_fit_into_a_hundred_megabytes() {
    let table = Table::new(1_000_000);
    for n in 0..1_000_000 {
        assert_eq!(take(&table, n, 0), Some(true));
    }
    assert_eq!(table.len(), 1_000_000);
    assert!(
        table.memory_bytes() <= 80_000_000,
        "{}",
        table.memory_bytes()
    );
    // The next finds no room; those that are there go on.
    assert_eq!(take(&table, 1_000_000, 0), None);
    assert_eq!(take(&table, 17, 0), Some(true));
    // Once somebody's bucket is full again, it makes room.
    assert_eq!(take(&table, 1_000_000, 3_000_000_000), Some(true));
    for turn in 0..256 {
        table.expire(turn, 10_000_000_000);
    }
    assert_eq!((table.len(), table.memory_bytes()), (0, 0));
    assert_eq!(table.peak(), 1_000_000);
}

#[test]
fn others_do_not_drive_out_who_has_taken_all() {
    let table = Table::new(100);
    for _ in 0..5 {
        assert_eq!(take(&table, 0, 0), Some(true));
    }
    for n in 1..10_000 {
        let _ = take(&table, n, 0);
    }
    assert_eq!(take(&table, 0, 0), Some(false));
    assert_eq!(table.len(), 100);
}

/// As a map that forgets what is fresh, whatever comes.
#[test]
fn it_is_a_map() {
    let table = Table::new(5_000);
    let terms = terms();
    let mut model: HashMap<u64, State> = HashMap::new();
    let mut random = 7_u64;
    for step in 0..200_000_u64 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let n = (random >> 33) % 3_000;
        let now_ns = step * 500_000;
        let state = model.entry(n).or_default();
        let expected = terms.take(state, 1, now_ns, SLOWNESS_ONE).allowed;
        assert_eq!(take(&table, n, now_ns), Some(expected), "step {step}");
        if step % 1000 == 0 {
            table.expire(step as usize / 1000, now_ns);
        }
    }
    assert!(table.len() <= 3_000);
}
