//! Conflicts as PostgreSQL's manual tabulates them.

use super::*;

/// "Conflicting Lock Modes", section 13.3.1: a row a requested mode, X where it conflicts.
const TABLE_LEVEL: [&str; 8] = [
    ".......X", "......XX", "....XXXX", "...XXXXX", "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX",
];

/// "Conflicting Row-Level Locks", section 13.3.2.
const ROW_LEVEL: [&str; 4] = ["...X", "..XX", ".XXX", "XXXX"];

#[test]
fn table_modes_conflict_as_in_the_manual() {
    for (i, held) in LockMode::ALL.into_iter().enumerate() {
        for (j, wanted) in LockMode::ALL.into_iter().enumerate() {
            let expected = TABLE_LEVEL[i].as_bytes()[j] == b'X';
            assert_eq!(held.conflicts_with(wanted), expected, "{held:?} {wanted:?}");
        }
    }
}

#[test]
fn row_modes_conflict_as_in_the_manual() {
    for (i, held) in RowLockMode::ALL.into_iter().enumerate() {
        for (j, wanted) in RowLockMode::ALL.into_iter().enumerate() {
            let expected = ROW_LEVEL[i].as_bytes()[j] == b'X';
            assert_eq!(held.conflicts_with(wanted), expected, "{held:?} {wanted:?}");
        }
    }
}

#[test]
fn the_lock_table_keeps_to_the_matrix() {
    for held in LockMode::ALL {
        for wanted in LockMode::ALL {
            let world = World::new();
            let (mut a, mut b) = (world.session(), world.session());
            assert_eq!(a.table(held, LockWait::Try).unwrap(), LockOutcome::Granted);
            let expected = if held.conflicts_with(wanted) {
                LockOutcome::NotAvailable
            } else {
                LockOutcome::Granted
            };
            let outcome = b.table(wanted, LockWait::Try).unwrap();
            assert_eq!(outcome, expected, "{held:?} {wanted:?}");
            // The own lock is never in the way.
            assert_ne!(
                a.table(held, LockWait::Try).unwrap(),
                LockOutcome::NotAvailable
            );
            a.end();
            let outcome = b.table(LockMode::AccessExclusive, LockWait::Try).unwrap();
            assert_ne!(outcome, LockOutcome::NotAvailable);
            b.end();
            assert_eq!(world.manager.locks().statistics().used, 0);
        }
    }
}

#[test]
fn rows_keep_to_the_matrix() {
    for held in RowLockMode::ALL {
        for wanted in RowLockMode::ALL {
            let world = World::new();
            let (mut a, mut b) = (world.session(), world.session());
            a.row(70, held, LockWait::Try).unwrap();
            let expected = if held.conflicts_with(wanted) {
                LockOutcome::NotAvailable
            } else {
                LockOutcome::Granted
            };
            assert_eq!(b.row(70, wanted, LockWait::Try).unwrap(), expected);
            // A neighbour in the same block is another row.
            let outcome = b.row(71, RowLockMode::Update, LockWait::Try).unwrap();
            assert_eq!(outcome, LockOutcome::Granted);
            a.end();
            b.end();
            assert_eq!(world.manager.locks().statistics().used, 0);
        }
    }
}
