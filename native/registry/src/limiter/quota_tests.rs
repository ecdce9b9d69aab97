use super::*;
use crate::limiter::test_vfs::TestVfs;

const NOON: u64 = 1_767_225_600 + 43_200;
const DAY: u64 = 86_400;

fn quota(limit: u64) -> Quota {
    let json = format!(r#"{{"id":"q","key":"user","period":"day","limit":{limit}}}"#);
    let definition = serde_json::from_str(&json).expect("it is a quota");
    Quota::compile(definition).expect("it is a good one")
}

fn open(vfs: &TestVfs) -> Ledger {
    Ledger::open(&vfs.shared(), NOON).expect("the file opens")
}

#[test]
fn counts_are_never_too_low_after_a_kill_and_at_most_a_hundredth_too_high() {
    let vfs = TestVfs::default();
    let quota = quota(10_000);
    let mut let_in = 0_u64;
    for _ in 0..30 {
        let ledger = open(&vfs);
        for _ in 0..137 {
            let_in += u64::from(ledger.take(&quota, [5, 6], 1, NOON).allowed);
        }
        let left = ledger.take(&quota, [5, 6], 0, NOON).remaining;
        assert!(left <= 10_000 - let_in, "{left} left after {let_in}");
        // The process dies here: the ledger goes without its end.
    }
    let ledger = open(&vfs);
    let left = ledger.take(&quota, [5, 6], 0, NOON).remaining;
    assert!(
        10_000 - let_in - left <= 31 * 100,
        "{left} left after {let_in}"
    );
}

#[test]
fn a_clean_end_keeps_counts_exactly() {
    let vfs = TestVfs::default();
    let quota = quota(1_000);
    let ledger = open(&vfs);
    assert_eq!(ledger.take(&quota, [5, 6], 7, NOON).remaining, 993);
    ledger.close().expect("the disk is fine");
    assert_eq!(open(&vfs).take(&quota, [5, 6], 0, NOON).remaining, 993);
}

#[test]
fn a_quota_ends_with_its_day() {
    let ledger = open(&TestVfs::default());
    let quota = quota(2);
    for _ in 0..2 {
        assert!(ledger.take(&quota, [5, 6], 1, NOON).allowed);
    }
    let refused = ledger.take(&quota, [5, 6], 1, NOON);
    assert_eq!(
        (refused.allowed, refused.retry_ns),
        (false, 43_200_000_000_000)
    );
    assert!(ledger.take(&quota, [7, 6], 1, NOON).allowed);
    ledger.refund([5, 6], 1);
    assert!(ledger.take(&quota, [5, 6], 1, NOON).allowed);
    assert_eq!(ledger.take(&quota, [5, 6], 1, NOON + DAY).remaining, 1);
}

#[test]
fn for_whom_there_is_no_room_share_one_count() {
    let ledger = open(&TestVfs::default());
    let quota = quota(3);
    for key in 0..ENTRIES_MAX as u128 {
        assert!(ledger.take(&quota, [key + 10, 6], 1, NOON).allowed);
    }
    let late = [1_u128, 2, 3, 4].map(|key| ledger.take(&quota, [key, 6], 1, NOON).allowed);
    assert_eq!(late, [true, true, true, false]);
    assert_eq!(ledger.len(), ENTRIES_MAX + 1);
    assert!(ledger.take(&quota, [4, 6], 1, NOON + DAY).allowed);
    assert_eq!(ledger.len(), 1);
}

#[test]
fn a_damaged_slot_is_forgotten_and_others_stay() {
    let vfs = TestVfs::default();
    let quota = quota(100);
    let ledger = open(&vfs);
    for key in [5, 7] {
        ledger.take(&quota, [key, 6], 40, NOON);
    }
    ledger.close().expect("the disk is fine");
    vfs.flip("limits/quotas", 32 + 20);
    let again = open(&vfs);
    assert_eq!(again.take(&quota, [5, 6], 0, NOON).remaining, 100);
    assert_eq!(again.take(&quota, [7, 6], 0, NOON).remaining, 60);
}
