//! Single rules: layouts, locks, limits, threads.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{RowId, sqlstate};
use storage::vfs_mem::MemVfs;
use storage::{Options, Wait};
use support::*;
use table::{ColumnLayout, Expect, Layout, RowLock, Which, WriteOutcome};
use txn::{Isolation, LockWait, RowLockMode};
use types::{Datum, DatumRef, Physical, Vector};

fn rig(classes: &[Physical]) -> Rig {
    let columns = classes
        .iter()
        .map(|class| ColumnLayout::new(*class))
        .collect();
    Rig::new(Arc::new(MemVfs::new()), options(), Layout::new(1, columns))
}

#[test]
fn an_added_column_has_its_missing_value_until_rows_are_written() {
    let rig = rig(&[Physical::I32, Physical::Bytes]);
    let backend = rig.txns.connect(1).unwrap();
    let mut txn = rig.begin(&backend, Isolation::ReadCommitted);
    let text = Datum::text(&"some words ".repeat(9));
    let mut model = BTreeMap::new();
    for number in 0..3000 {
        let values = [Datum::I32(number), text.clone()];
        let row = rig
            .table
            .insert(&mut txn, &refs(&values), Wait::Block)
            .unwrap()
            .row;
        model.insert(row, values.to_vec());
    }
    rig.commit(&mut txn);
    let mut old_reader = rig.begin(&rig.txns.connect(2).unwrap(), Isolation::RepeatableRead);
    let old_view = rig.view(&mut old_reader);

    let mut columns = rig.table.layout().columns().to_vec();
    let missing = Datum::text("a default that takes some room in every row");
    columns.push(ColumnLayout {
        physical: Physical::Bytes,
        missing: missing.clone(),
    });
    columns.push(ColumnLayout {
        physical: Physical::I64,
        missing: Datum::I64(7),
    });
    rig.table.set_layout(Layout::new(2, columns));
    for values in model.values_mut() {
        values.extend([missing.clone(), Datum::I64(7)]);
    }
    let before: Vec<_> = model.clone().into_iter().collect();
    assert_eq!(rig.rows(&old_view), before);

    let mut txn = rig.begin(&backend, Isolation::ReadCommitted);
    let view = rig.view(&mut txn);
    for row in (1..3000).step_by(250).map(RowId) {
        let mut out = [Vector::new(Physical::I64), Vector::new(Physical::Bytes)];
        let mut hint = None;
        let (which, wait) = (Which::Seen(&view), Wait::Block);
        assert!(
            rig.table
                .fetch(which, row, &mut hint, &[3, 2], &mut out, wait)
                .unwrap()
        );
        assert_eq!(out[0].get(0), DatumRef::I64(7));
        assert_eq!(out[1].get(0), missing.as_ref());
        // Converts the leaf, which has to split for it.
        let new = [DatumRef::I64(row.0 as i64)];
        let expect = Expect::Seen(&view);
        let done = rig
            .table
            .update(&mut txn, expect, row, None, &[3], &new, false, wait);
        assert!(matches!(done.unwrap(), WriteOutcome::Done(_)));
        model.get_mut(&row).unwrap()[3] = Datum::I64(row.0 as i64);
    }
    let values = [Datum::I32(-1), Datum::Null, Datum::Null, Datum::Null];
    let row = rig
        .table
        .insert(&mut txn, &refs(&values), Wait::Block)
        .unwrap()
        .row;
    model.insert(row, values.to_vec());
    rig.commit(&mut txn);
    assert_eq!(rig.rows(&old_view), before);
    let view = rig.view(&mut rig.begin(&backend, Isolation::ReadCommitted));
    assert_eq!(rig.rows(&view), model.into_iter().collect::<Vec<_>>());
    assert_eq!(rig.table.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn rows_that_fit_no_page_are_refused_and_long_values_move_out() {
    let rig = rig(&[Physical::Bytes; 900]);
    let backend = rig.txns.connect(1).unwrap();
    let mut txn = rig.begin(&backend, Isolation::ReadCommitted);
    let value = [b'v'; 30];
    let error = rig
        .table
        .insert(&mut txn, &[DatumRef::Bytes(&value); 900], Wait::Block);
    let error = error.unwrap_err().into_sql();
    assert_eq!(error.state, sqlstate::PROGRAM_LIMIT_EXCEEDED);
    assert!(
        error.message.starts_with("row is too big: size "),
        "{}",
        error.message
    );
    assert!(
        error.message.ends_with(", maximum size 8160"),
        "{}",
        error.message
    );
    // 300 values of 30 bytes do not fit in place; their longest move out until they do.
    let mut row = [DatumRef::Null; 900];
    row[..150].fill(DatumRef::Bytes(&value));
    row[7] = DatumRef::Bytes(&[b'l'; 100_000]);
    let id = rig.table.insert(&mut txn, &row, Wait::Block).unwrap().row;
    txn.next_command().unwrap();
    let view = rig.view(&mut txn);
    let rows = rig.rows_of(&view, &[7, 0, 899]);
    let expected = vec![
        Datum::Bytes([b'l'; 100_000].into()),
        Datum::text(&"v".repeat(30)),
        Datum::Null,
    ];
    assert_eq!(rows, [(id, expected)]);
}

#[test]
fn locks_stop_writers_and_say_what_became_of_the_row() {
    let rig = rig(&[Physical::I32]);
    let backends = [1, 2, 3].map(|pid| rig.txns.connect(pid).unwrap());
    let mut setup = rig.begin(&backends[0], Isolation::ReadCommitted);
    let one = [DatumRef::I32(1)];
    let row = rig.table.insert(&mut setup, &one, Wait::Block).unwrap().row;
    rig.commit(&mut setup);

    let wait = Wait::Block;
    let mut locker = rig.begin(&backends[0], Isolation::ReadCommitted);
    let view = rig.view(&mut locker);
    let table = &rig.table;
    let locked = table.lock_row(
        &mut locker,
        &view,
        row,
        RowLockMode::KeyShare,
        LockWait::Try,
        wait,
    );
    assert_eq!(locked.unwrap(), RowLock::Current);

    // KEY SHARE lets changes of other columns pass, not changes of keys and deletions.
    let mut writer = rig.begin(&backends[1], Isolation::ReadCommitted);
    let view = rig.view(&mut writer);
    let expect = Expect::Seen(&view);
    let two = [DatumRef::I32(2)];
    let key = table
        .update(&mut writer, expect, row, None, &[0], &two, true, wait)
        .unwrap();
    assert_eq!(key, WriteOutcome::Blocked { writer: None });
    let gone = table.delete(&mut writer, expect, row, None, wait).unwrap();
    assert_eq!(gone, WriteOutcome::Blocked { writer: None });
    let done = table
        .update(&mut writer, expect, row, None, &[0], &two, false, wait)
        .unwrap();
    assert!(matches!(done, WriteOutcome::Done(_)));

    // The active writer stops stronger locks of others, not KEY SHARE.
    let mut third = rig.begin(&backends[2], Isolation::ReadCommitted);
    let view = rig.view(&mut third);
    let locked = table.lock_row(
        &mut third,
        &view,
        row,
        RowLockMode::KeyShare,
        LockWait::Try,
        wait,
    );
    assert_eq!(locked.unwrap(), RowLock::Current);
    let locked = table.lock_row(
        &mut third,
        &view,
        row,
        RowLockMode::Update,
        LockWait::Try,
        wait,
    );
    assert_eq!(locked.unwrap(), RowLock::NotAvailable);

    rig.commit(&mut writer);
    rig.txns.rollback(&mut locker).unwrap();
    let locked = table.lock_row(
        &mut third,
        &view,
        row,
        RowLockMode::Update,
        LockWait::Try,
        wait,
    );
    assert_eq!(locked.unwrap(), RowLock::Changed);
    let changed = table.update(
        &mut third,
        Expect::Seen(&view),
        row,
        None,
        &[0],
        &one,
        true,
        wait,
    );
    assert_eq!(changed.unwrap(), WriteOutcome::Changed);
    let done = table.delete(&mut third, Expect::Newest, row, None, wait);
    assert!(matches!(done.unwrap(), WriteOutcome::Done(_)));
    let again = table.delete(&mut third, Expect::Newest, row, None, wait);
    assert_eq!(again.unwrap(), WriteOutcome::SelfModified);
    third.next_command().unwrap();
    let again = table.delete(&mut third, Expect::Newest, row, None, wait);
    assert_eq!(again.unwrap(), WriteOutcome::Gone);
    rig.commit(&mut third);

    let mut late = rig.begin(&backends[0], Isolation::ReadCommitted);
    let view = rig.view(&mut late);
    let locked = table.lock_row(
        &mut late,
        &view,
        row,
        RowLockMode::Update,
        LockWait::Try,
        wait,
    );
    assert_eq!(locked.unwrap(), RowLock::Gone);
}

/// A row that shrank, while its leaf filled up with others, grows again when it is rolled back.
#[test]
fn rollback_splits_a_leaf_that_others_have_filled() {
    let rig = rig(&[Physical::Bytes]);
    let backends = [1, 2].map(|pid| rig.txns.connect(pid).unwrap());
    let mut setup = rig.begin(&backends[0], Isolation::ReadCommitted);
    let long = Datum::Bytes([b'l'; 1500].into());
    let mut model: Vec<_> = (0..9)
        .map(|_| {
            let row = rig
                .table
                .insert(&mut setup, &refs(std::slice::from_ref(&long)), Wait::Block)
                .unwrap()
                .row;
            (row, vec![long.clone()])
        })
        .collect();
    rig.commit(&mut setup);
    assert_eq!(rig.storage.file_pages(rig.table.file()).unwrap(), 2);

    let mut shrinker = rig.begin(&backends[0], Isolation::ReadCommitted);
    let mark = rig.txns.mark(&mut shrinker).unwrap();
    for (row, _) in &model {
        let (table, short) = (&rig.table, [DatumRef::Bytes(b"s")]);
        let expect = Expect::Newest;
        let done = table.update(
            &mut shrinker,
            expect,
            *row,
            None,
            &[0],
            &short,
            false,
            Wait::Block,
        );
        assert!(matches!(done.unwrap(), WriteOutcome::Done(_)));
    }
    let mut filler = rig.begin(&backends[1], Isolation::ReadCommitted);
    while rig.storage.file_pages(rig.table.file()).unwrap() == 2 {
        let row = rig
            .table
            .insert(&mut filler, &refs(std::slice::from_ref(&long)), Wait::Block)
            .unwrap()
            .row;
        model.push((row, vec![long.clone()]));
    }
    rig.commit(&mut filler);
    rig.txns.rollback_to_mark(&mut shrinker, mark).unwrap();
    rig.txns.rollback(&mut shrinker).unwrap();
    let view = rig.view(&mut rig.begin(&backends[0], Isolation::ReadCommitted));
    assert_eq!(rig.rows(&view), model);
    assert_eq!(rig.table.verify().unwrap(), Vec::<String>::new());
}

/// One row that changes all the time keeps a version a snapshot, not one a change.
#[test]
fn version_chains_are_as_short_as_the_list_of_snapshots() {
    let rig = rig(&[Physical::I64, Physical::I64]);
    let backend = rig.txns.connect(1).unwrap();
    let mut setup = rig.begin(&backend, Isolation::ReadCommitted);
    let zeros = [DatumRef::I64(0); 2];
    let row = rig
        .table
        .insert(&mut setup, &zeros, Wait::Block)
        .unwrap()
        .row;
    rig.commit(&mut setup);
    let mut readers = Vec::new();
    for round in 1..=300 {
        if round % 100 == 1 {
            let backend = rig.txns.connect(100 + round as u32).unwrap();
            let mut reader = rig.begin(&backend, Isolation::RepeatableRead);
            let view = rig.view(&mut reader);
            readers.push((view, round - 1, reader));
        }
        let mut txn = rig.begin(&backend, Isolation::ReadCommitted);
        let (table, value) = (&rig.table, [DatumRef::I64(round), DatumRef::I64(-round)]);
        // Now and then a column less: such a record may not stand for one with both.
        let columns: &[u16] = if round % 7 == 0 { &[0] } else { &[0, 1] };
        let (values, wait) = (&value[..columns.len()], Wait::Block);
        let done = table.update(
            &mut txn,
            Expect::Newest,
            row,
            None,
            columns,
            values,
            false,
            wait,
        );
        assert!(matches!(done.unwrap(), WriteOutcome::Done(_)));
        match round % 10 {
            0 => rig.txns.rollback(&mut txn).unwrap(),
            _ => rig.commit(&mut txn),
        }
    }
    let count = rig.table.version_count(row).unwrap();
    assert!(count < 100, "{count} versions");
    let last = |until: i64, both: bool| {
        (1..=until)
            .rev()
            .find(|round| round % 10 != 0 && !(both && round % 7 == 0))
            .unwrap_or(0)
    };
    for (view, until, _) in &readers {
        let expected = vec![
            Datum::I64(last(*until, false)),
            Datum::I64(-last(*until, true)),
        ];
        assert_eq!(rig.rows(view), [(row, expected)]);
    }
    drop(readers);
    rig.txns.purge(u64::MAX).unwrap();
    assert_eq!(rig.table.version_count(row).unwrap(), 1);
}

/// Amounts move between rows under four writers, a purger and a reader: the sum never changes.
#[test]
fn threads_move_amounts_and_every_snapshot_sees_one_sum() {
    let options = Options {
        check_apply: false,
        ..options()
    };
    let columns = vec![
        ColumnLayout::new(Physical::I64),
        ColumnLayout::new(Physical::Bytes),
    ];
    let rig = Arc::new(Rig::new(
        Arc::new(MemVfs::new()),
        options,
        Layout::new(1, columns),
    ));
    let backend = rig.txns.connect(1).unwrap();
    let mut setup = rig.begin(&backend, Isolation::ReadCommitted);
    let rows: Vec<RowId> = (0..40)
        .map(|_| {
            let values = [DatumRef::I64(100), DatumRef::Bytes(b"")];
            rig.table
                .insert(&mut setup, &values, Wait::Block)
                .unwrap()
                .row
        })
        .collect();
    rig.commit(&mut setup);
    let done = Arc::new(AtomicBool::new(false));
    let sum = |rig: &Rig, backend: &Arc<txn::Backend>| {
        let mut txn = rig.begin(backend, Isolation::ReadCommitted);
        let view = rig.view(&mut txn);
        let amounts = rig.rows_of(&view, &[0]);
        assert_eq!(amounts.len(), 40);
        amounts
            .iter()
            .map(|(_, values)| values[0].as_ref().as_i64().unwrap())
            .sum::<i64>()
    };
    let purger = {
        let (rig, done) = (rig.clone(), done.clone());
        std::thread::spawn(move || {
            while !done.load(Ordering::Relaxed) {
                rig.txns.purge(100).unwrap();
                std::thread::yield_now();
            }
        })
    };
    let reader = {
        let (rig, done) = (rig.clone(), done.clone());
        std::thread::spawn(move || {
            let backend = rig.txns.connect(50).unwrap();
            while !done.load(Ordering::Relaxed) {
                assert_eq!(sum(&rig, &backend), 4000);
            }
        })
    };
    let writers: Vec<_> = (0..4u32)
        .map(|me| {
            let (rig, rows) = (rig.clone(), rows.clone());
            std::thread::spawn(move || {
                let backend = rig.txns.connect(10 + me).unwrap();
                let mut rng = sim::Rng::new(me.into());
                for round in 0..400 {
                    let mut txn = rig.begin(&backend, Isolation::ReadCommitted);
                    let pick = |rng: &mut sim::Rng| rows[rng.below(40) as usize];
                    let (from, to) = (pick(&mut rng), pick(&mut rng));
                    let amount = rng.below(10) as i64;
                    // In the order of ids, so that nobody waits in a circle.
                    let mut moves = [(from, -amount), (to, amount)];
                    moves.sort();
                    let text = vec![b'x'; rng.below(700) as usize];
                    for (row, change) in moves {
                        add(&rig, &mut txn, row, change, &text);
                    }
                    match round % 5 {
                        0 => rig.txns.rollback(&mut txn).unwrap(),
                        _ => rig.commit(&mut txn),
                    }
                }
            })
        })
        .collect();
    writers
        .into_iter()
        .for_each(|writer| writer.join().unwrap());
    done.store(true, Ordering::Relaxed);
    purger.join().unwrap();
    reader.join().unwrap();
    assert_eq!(sum(&rig, &backend), 4000);
    assert_eq!(rig.table.verify().unwrap(), Vec::<String>::new());
    rig.storage.close().unwrap();
}

/// `UPDATE ... SET amount = amount + change`, by the rules of READ COMMITTED.
fn add(rig: &Rig, txn: &mut txn::Transaction, row: RowId, change: i64, text: &[u8]) {
    let wait = Wait::Block;
    txn.next_command().unwrap();
    let mut which_newest = false;
    loop {
        let view = rig.view(txn);
        let which = if which_newest {
            Which::Newest
        } else {
            Which::Seen(&view)
        };
        let mut out = [Vector::new(Physical::I64)];
        assert!(
            rig.table
                .fetch(which, row, &mut None, &[0], &mut out, wait)
                .unwrap()
        );
        let amount = out[0].get(0).as_i64().unwrap();
        let expect = if which_newest {
            Expect::Newest
        } else {
            Expect::Seen(&view)
        };
        let new = [DatumRef::I64(amount + change), DatumRef::Bytes(text)];
        let table = &rig.table;
        match table
            .update(txn, expect, row, None, &[0, 1], &new, false, wait)
            .unwrap()
        {
            WriteOutcome::Done(_) => return,
            WriteOutcome::Changed | WriteOutcome::Blocked { .. } => {
                let (mode, block) = (RowLockMode::NoKeyUpdate, LockWait::Block);
                let locked = table.lock_row(txn, &view, row, mode, block, wait).unwrap();
                assert!(
                    matches!(locked, RowLock::Current | RowLock::Changed),
                    "{locked:?}"
                );
                which_newest = true;
            }
            outcome => panic!("{outcome:?}"),
        }
    }
}

/// Whoever takes vectors out of a batch leaves others there, of any class.
#[test]
fn a_scan_fills_a_batch_whose_vectors_were_taken() {
    let rig = rig(&[Physical::I32, Physical::I64]);
    let backend = rig.txns.connect(1).unwrap();
    let mut txn = rig.begin(&backend, Isolation::ReadCommitted);
    let rows = 3 * types::BATCH_ROWS;
    for number in 0..rows as i32 {
        let values = [DatumRef::I32(number), DatumRef::I64(-i64::from(number))];
        rig.table.insert(&mut txn, &values, Wait::Block).unwrap();
    }
    rig.commit(&mut txn);
    let view = rig.view(&mut rig.begin(&backend, Isolation::ReadCommitted));
    let end = RowId(u64::MAX);
    let mut scan = rig.table.scan(view, &[0, 1], RowId(0), end, Wait::Block);
    let mut batch = types::Batch::default();
    let mut number = 0;
    while scan.next_batch(&mut batch, None).unwrap() {
        for at in 0..batch.len {
            assert_eq!(batch.get(0, at), DatumRef::I32(number));
            assert_eq!(batch.get(1, at), DatumRef::I64(-i64::from(number)));
            number += 1;
        }
        batch.columns[0] = Vector::new(Physical::Bool);
        batch.columns.swap(0, 1);
    }
    assert_eq!(number as usize, rows);
}
