//! Transactions on one table against a model of what each must see.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::{PageNo, RowId};
use proptest::prelude::*;
use sim::{DiskImage, FaultyVfs, Rng};
use storage::Wait;
use storage::vfs_mem::MemVfs;
use support::map_index::{KEY, MapIndex, key_of};
use support::*;
use table::{Expect, Which, WriteOutcome};
use txn::{Backend, Isolation, Mark, Transaction, View};
use types::{Datum, Physical, Vector};

type Rows = BTreeMap<u64, Vec<Datum>>;

struct Session {
    backend: Arc<Backend>,
    txn: Option<Open>,
}

/// What a transaction wrote; None where it deleted.
type OwnRows = BTreeMap<u64, Option<Vec<Datum>>>;

struct Open {
    txn: Transaction,
    isolation: Isolation,
    /// What its snapshot shows, and the number of commits in it; of the first statement on.
    base: Option<(Rows, u64)>,
    own: OwnRows,
    /// Rows that the running command wrote.
    by_command: BTreeSet<u64>,
    marks: Vec<(Mark, OwnRows)>,
}

struct World {
    rig: Rig,
    rng: Rng,
    sessions: Vec<Session>,
    committed: Rows,
    /// Which commit last wrote a row.
    written_by: BTreeMap<u64, u64>,
    commits: u64,
    views: Vec<(View, Rows)>,
    index: Arc<MapIndex>,
}

impl Open {
    fn sees(&self) -> Rows {
        let (mut rows, _) = self.base.clone().expect("a statement has begun");
        for (id, values) in &self.own {
            match values {
                Some(values) => drop(rows.insert(*id, values.clone())),
                None => drop(rows.remove(id)),
            }
        }
        rows
    }
}

impl World {
    fn new(rig: Rig, seed: u64) -> Self {
        let mut world = Self {
            rig,
            rng: Rng::new(seed),
            sessions: Vec::new(),
            committed: Rows::new(),
            written_by: BTreeMap::new(),
            commits: 0,
            views: Vec::new(),
            index: Arc::new(MapIndex::default()),
        };
        world.rig.table.set_indexes(Some(world.index.clone()));
        world.connect();
        world
    }

    fn connect(&mut self) {
        self.sessions = (1..=4)
            .map(|pid| Session {
                backend: self.rig.txns.connect(pid).expect("room"),
                txn: None,
            })
            .collect();
    }

    fn bytes(&mut self) -> Datum {
        let len = match self.rng.below(40) {
            0 => self.rng.below(60_000),
            1..=3 => self.rng.below(5000),
            4..=9 => self.rng.below(600),
            10..=12 => return Datum::Null,
            _ => self.rng.below(40),
        };
        let noisy = self.rng.chance(2);
        let start = self.rng.next_u64();
        let byte = |at: u64| {
            if noisy {
                (start.wrapping_mul(at | 1) >> 32) as u8
            } else {
                b'x'
            }
        };
        Datum::Bytes((0..len).map(byte).collect())
    }

    fn value(&mut self, column: usize) -> Datum {
        match column {
            _ if self.rng.chance(8) => Datum::Null,
            0 => Datum::I32(self.rng.next_u64() as i32),
            2 => Datum::I64(self.rng.next_u64() as i64),
            _ => self.bytes(),
        }
    }

    fn row(&mut self) -> Vec<Datum> {
        (0..4).map(|column| self.value(column)).collect()
    }

    /// Starts a statement of session `me`: its view, and the model's.
    fn statement(&mut self, me: usize) -> View {
        let open = self.sessions[me].txn.as_mut().expect("open");
        let view = self.rig.view(&mut open.txn);
        if open.base.is_none() || open.isolation == Isolation::ReadCommitted {
            open.base = Some((self.committed.clone(), self.commits));
        }
        view
    }

    fn step(&mut self) {
        let me = self.rng.below(4) as usize;
        if self.sessions[me].txn.is_none() {
            let isolation = match self.rng.chance(3) {
                true => Isolation::RepeatableRead,
                false => Isolation::ReadCommitted,
            };
            let txn = self.rig.begin(&self.sessions[me].backend, isolation);
            self.sessions[me].txn = Some(Open {
                txn,
                isolation,
                base: None,
                own: BTreeMap::new(),
                by_command: BTreeSet::new(),
                marks: Vec::new(),
            });
        }
        match self.rng.below(40) {
            0..=8 => self.insert(me),
            9..=10 => self.insert_many(me),
            11..=22 => self.update(me),
            23..=26 => self.delete(me),
            27 => self.keep_view(me),
            28 => self.set_mark(me),
            29 => self.roll_back_to_mark(me),
            30..=31 => self.fetch_some(me),
            32 => self.roll_back(me),
            33 => drop(self.views.pop()),
            34 => drop(self.rig.txns.purge(u64::MAX).expect("purges")),
            _ => self.commit(me),
        }
        if let Some(open) = &mut self.sessions[me].txn
            && self.rng.chance(2)
        {
            open.txn.next_command().expect("few commands");
            open.by_command.clear();
        }
    }

    fn insert(&mut self, me: usize) {
        self.statement(me);
        let values = self.row();
        let open = self.sessions[me].txn.as_mut().expect("open");
        let inserted = self
            .rig
            .table
            .insert(&mut open.txn, &refs(&values), Wait::Block);
        let row = inserted.expect("inserts").row.0;
        self.index
            .changed(row, None, Some(&values[usize::from(KEY)]));
        assert!(open.own.insert(row, Some(values)).is_none());
        open.by_command.insert(row);
    }

    fn insert_many(&mut self, me: usize) {
        self.statement(me);
        let limit = if self.rng.chance(4) { 1500 } else { 60 };
        let count = 1 + self.rng.below(limit) as usize;
        let rows: Vec<_> = (0..count).map(|_| self.row()).collect();
        let classes = [
            Physical::I32,
            Physical::Bytes,
            Physical::I64,
            Physical::Bytes,
        ];
        let mut columns = classes.map(Vector::new);
        for row in &rows {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value.as_ref());
            }
        }
        let open = self.sessions[me].txn.as_mut().expect("open");
        let mut leaves = Vec::new();
        let first =
            self.rig
                .table
                .insert_many(&mut open.txn, &columns, 0..count, &mut leaves, Wait::Block);
        let first = first.expect("inserts").0;
        let filled: usize = leaves.iter().map(|leaf| leaf.rows).sum();
        assert_eq!(filled, count, "each row is in one of the leaves");
        for (at, values) in rows.into_iter().enumerate() {
            self.index
                .changed(first + at as u64, None, Some(&values[usize::from(KEY)]));
            assert!(open.own.insert(first + at as u64, Some(values)).is_none());
            open.by_command.insert(first + at as u64);
        }
    }

    /// A row of those that the session sees, or sometimes any.
    fn pick(&mut self, me: usize) -> Option<u64> {
        let open = self.sessions[me].txn.as_ref().expect("open");
        let rows = if self.rng.chance(10) {
            self.committed.clone()
        } else {
            open.sees()
        };
        let at = self.rng.below(rows.len().max(1) as u64) as usize;
        rows.keys().nth(at).copied()
    }

    /// What a write of the row by session `me`, from what it sees, must lead to; None: it succeeds.
    fn expected(&self, me: usize, row: u64) -> Option<WriteOutcome> {
        let open = self.sessions[me].txn.as_ref().expect("open");
        if open.by_command.contains(&row) {
            return Some(WriteOutcome::SelfModified);
        }
        if let Some(own) = open.own.get(&row) {
            return own.is_none().then_some(WriteOutcome::Gone);
        }
        let is_written = |other: &Session| {
            other
                .txn
                .as_ref()
                .is_some_and(|other| other.own.contains_key(&row))
        };
        if self.sessions.iter().any(is_written) {
            return Some(WriteOutcome::Blocked { writer: None });
        }
        let (_, commits) = open.base.as_ref().expect("a statement has begun");
        if self.written_by.get(&row).is_some_and(|by| by > commits) {
            return Some(WriteOutcome::Changed);
        }
        (!self.committed.contains_key(&row)).then_some(WriteOutcome::Gone)
    }

    fn check_outcome(&self, me: usize, row: u64, outcome: WriteOutcome) -> bool {
        let outcome = match outcome {
            WriteOutcome::Blocked { writer } => {
                assert!(writer.is_some_and(|writer| self.rig.txns.is_active(writer.xid)));
                WriteOutcome::Blocked { writer: None }
            }
            outcome => outcome,
        };
        match self.expected(me, row) {
            None => {
                assert!(
                    matches!(outcome, WriteOutcome::Done(_)),
                    "row {row}: {outcome:?}"
                );
                true
            }
            // Purge may have taken the deleted row away.
            Some(WriteOutcome::Changed) if outcome == WriteOutcome::Gone => {
                assert!(!self.committed.contains_key(&row));
                false
            }
            Some(expected) => {
                assert_eq!(outcome, expected, "row {row}");
                false
            }
        }
    }

    fn update(&mut self, me: usize) {
        let view = self.statement(me);
        let Some(row) = self.pick(me) else { return };
        let chosen = 1 + self.rng.below(15);
        let columns: Vec<u16> = (0..4)
            .filter(|column| chosen & (1 << column) != 0)
            .collect();
        let values: Vec<_> = columns
            .iter()
            .map(|column| self.value(*column as usize))
            .collect();
        let is_key_changed = self.rng.chance(4);
        let open = self.sessions[me].txn.as_mut().expect("open");
        let (expect, id) = (Expect::Seen(&view), RowId(row));
        let table = &self.rig.table;
        let (new, key) = (refs(&values), is_key_changed);
        let outcome = table.update(
            &mut open.txn,
            expect,
            id,
            None,
            &columns,
            &new,
            key,
            Wait::Block,
        );
        if !self.check_outcome(me, row, outcome.expect("updates")) {
            return;
        }
        let open = self.sessions[me].txn.as_mut().expect("open");
        let old = open.sees()[&row].clone();
        let mut changed = old.clone();
        for (column, value) in columns.iter().zip(values) {
            changed[usize::from(*column)] = value;
        }
        let (old, new) = (&old[usize::from(KEY)], &changed[usize::from(KEY)]);
        self.index.changed(row, Some(old), Some(new));
        open.own.insert(row, Some(changed));
        open.by_command.insert(row);
    }

    fn delete(&mut self, me: usize) {
        let view = self.statement(me);
        let Some(row) = self.pick(me) else { return };
        let open = self.sessions[me].txn.as_mut().expect("open");
        let expect = Expect::Seen(&view);
        let outcome = self
            .rig
            .table
            .delete(&mut open.txn, expect, RowId(row), None, Wait::Block);
        if self.check_outcome(me, row, outcome.expect("deletes")) {
            let open = self.sessions[me].txn.as_mut().expect("open");
            let old = open.sees()[&row][usize::from(KEY)].clone();
            self.index.changed(row, Some(&old), None);
            open.own.insert(row, None);
            open.by_command.insert(row);
        }
    }

    /// A cursor opened now sees for ever what its statement sees.
    fn keep_view(&mut self, me: usize) {
        let open = self.sessions[me].txn.as_mut().expect("open");
        open.txn.next_command().expect("few commands");
        open.by_command.clear();
        let view = self.statement(me);
        let open = self.sessions[me].txn.as_ref().expect("open");
        // One's own later changes are not modelled for cursors once it ends.
        if open.own.is_empty() && self.views.len() < 5 {
            self.views.push((view, open.sees()));
        }
    }

    fn set_mark(&mut self, me: usize) {
        let open = self.sessions[me].txn.as_mut().expect("open");
        let mark = self.rig.txns.mark(&mut open.txn).expect("a mark");
        open.marks.push((mark, open.own.clone()));
    }

    fn roll_back_to_mark(&mut self, me: usize) {
        let open = self.sessions[me].txn.as_mut().expect("open");
        let Some((mark, own)) = open.marks.pop() else {
            return;
        };
        self.rig
            .txns
            .rollback_to_mark(&mut open.txn, mark)
            .expect("rolls back");
        open.own = own;
        open.txn.next_command().expect("few commands");
        open.by_command.clear();
    }

    fn fetch_some(&mut self, me: usize) {
        let open = self.sessions[me].txn.as_mut().expect("open");
        open.txn.next_command().expect("few commands");
        open.by_command.clear();
        let view = self.statement(me);
        let expected = self.sessions[me].txn.as_ref().expect("open").sees();
        let mut hint = None;
        for _ in 0..20 {
            let Some(row) = self.pick(me) else { return };
            let row = row + self.rng.below(2);
            if self.rng.chance(3) {
                hint = Some(PageNo(self.rng.below(40) as u32));
            }
            let mut out = [Vector::new(Physical::Bytes), Vector::new(Physical::I32)];
            let table = &self.rig.table;
            let which = Which::Seen(&view);
            let found = table.fetch(which, RowId(row), &mut hint, &[3, 0], &mut out, Wait::Block);
            assert_eq!(found.expect("readable"), expected.contains_key(&row));
            if let Some(values) = expected.get(&row) {
                assert_eq!(out[0].get(0).to_owned(), values[3]);
                assert_eq!(out[1].get(0).to_owned(), values[0]);
            } else {
                assert!(out.iter().all(Vector::is_empty));
            }
        }
    }

    fn commit(&mut self, me: usize) {
        let mut open = self.sessions[me].txn.take().expect("open");
        self.rig.commit(&mut open.txn);
        self.commits += 1;
        for (row, values) in open.own {
            self.written_by.insert(row, self.commits);
            match values {
                Some(values) => drop(self.committed.insert(row, values)),
                None => drop(self.committed.remove(&row)),
            }
        }
    }

    fn roll_back(&mut self, me: usize) {
        let mut open = self.sessions[me].txn.take().expect("open");
        self.rig.txns.rollback(&mut open.txn).expect("rolls back");
    }

    fn check(&mut self) {
        for me in 0..4 {
            if let Some(open) = &mut self.sessions[me].txn {
                open.txn.next_command().expect("few commands");
                open.by_command.clear();
                let view = self.statement(me);
                let expected = self.sessions[me].txn.as_ref().expect("open").sees();
                self.check_view(&view, &expected);
            }
        }
        for (view, expected) in &self.views {
            self.check_view(view, expected);
        }
        self.check_index();
    }

    /// An entry is unmarked exactly when the newest version has its key; every version that a view
    /// sees has one.
    fn check_index(&self) {
        let mut newest = self.committed.clone();
        for (row, values) in self
            .sessions
            .iter()
            .flat_map(|s| &s.txn)
            .flat_map(|open| &open.own)
        {
            match values {
                Some(values) => drop(newest.insert(*row, values.clone())),
                None => drop(newest.remove(row)),
            }
        }
        let key = |row: &u64, values: &Vec<Datum>| (key_of(&values[usize::from(KEY)]), *row);
        let entries = self.index.entries.lock().expect("no panic");
        let unmarked: BTreeSet<_> = entries
            .iter()
            .filter(|entry| !entry.1)
            .map(|entry| entry.0.clone())
            .collect();
        let expected: BTreeSet<_> = newest
            .iter()
            .map(|(row, values)| key(row, values))
            .collect();
        assert!(
            unmarked == expected,
            "{:?}",
            unmarked.symmetric_difference(&expected)
        );
        for (row, values) in self.views.iter().flat_map(|view| &view.1) {
            assert!(entries.contains_key(&key(row, values)), "row {row}");
        }
    }

    fn check_view(&self, view: &View, expected: &Rows) {
        let found: Rows = self
            .rig
            .rows(view)
            .into_iter()
            .map(|(row, values)| (row.0, values))
            .collect();
        for (row, values) in &found {
            assert_eq!(Some(values), expected.get(row), "row {row}");
        }
        assert_eq!(found.len(), expected.len());
    }

    /// Ends all, deletes all, purges: nothing may be left.
    fn finish(mut self) {
        for me in 0..4 {
            if self.sessions[me].txn.is_some() && self.rng.chance(2) {
                self.commit(me);
            } else if self.sessions[me].txn.is_some() {
                self.roll_back(me);
            }
        }
        self.check();
        self.views.clear();
        assert_eq!(
            self.rig.table.verify().expect("readable"),
            Vec::<String>::new()
        );
        self.rig.txns.purge(u64::MAX).expect("purges");
        assert_eq!(
            self.rig.table.verify().expect("readable"),
            Vec::<String>::new()
        );
        let mut txn = self
            .rig
            .begin(&self.sessions[0].backend, Isolation::ReadCommitted);
        let view = self.rig.view(&mut txn);
        self.check_view(&view, &self.committed);
        for row in self.committed.keys() {
            let (table, expect) = (&self.rig.table, Expect::Seen(&view));
            let outcome = table.delete(&mut txn, expect, RowId(*row), None, Wait::Block);
            assert!(matches!(outcome.expect("deletes"), WriteOutcome::Done(_)));
        }
        drop(view);
        self.rig.commit(&mut txn);
        drop(txn);
        self.rig.txns.purge(u64::MAX).expect("purges");
        assert_eq!(
            self.rig.table.verify().expect("readable"),
            Vec::<String>::new()
        );
        let report = self
            .rig
            .storage
            .verify_file(self.rig.table.file())
            .expect("readable");
        assert_eq!(report.problems, Vec::<String>::new());
        let kinds = self.rig.page_kinds();
        assert!(
            report.allocated < 12,
            "{} pages are left: {kinds:x?}",
            report.allocated
        );
        self.rig.storage.close().expect("closes");
    }

    /// The map is not logged: after a crash it may have entries of changes that the log lost.
    fn repair_index(&self) {
        let mut entries = self.index.entries.lock().expect("no panic");
        entries.clear();
        for (row, values) in &self.committed {
            entries.insert((key_of(&values[usize::from(KEY)]), *row), false);
        }
    }

    /// Losers are gone, committed rows are there.
    fn after_crash(&mut self, rig: Rig) {
        self.rig = rig;
        self.rig.table.set_indexes(Some(self.index.clone()));
        self.views.clear();
        self.connect();
        let mut txn = self
            .rig
            .begin(&self.sessions[0].backend, Isolation::ReadCommitted);
        let view = self.rig.view(&mut txn);
        self.check_view(&view, &self.committed);
        while self.rig.txns.roll_back_next_loser().expect("rolls back") {}
        self.check_view(&view, &self.committed);
        self.repair_index();
        self.rig.txns.rollback(&mut txn).expect("reads only");
        assert_eq!(
            self.rig.table.verify().expect("readable"),
            Vec::<String>::new()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::with_cases(4)
    })]
    #[test]
    fn each_sees_what_it_must(seed in any::<u64>()) {
        let rig = Rig::new(Arc::new(MemVfs::new()), options(), layout());
        let mut world = World::new(rig, seed);
        for step in 0..300 {
            world.step();
            if step % 20 == 0 {
                world.check();
            }
        }
        world.finish();
    }

    #[test]
    fn a_crash_takes_only_what_was_not_committed(seed in any::<u64>()) {
        let mut vfs = FaultyVfs::new(DiskImage::default(), Vec::new());
        let rig = Rig::new(Arc::new(vfs.clone()), options(), layout());
        let mut world = World::new(rig, seed);
        for _ in 0..4 {
            for _ in 0..80 {
                world.step();
            }
            if world.rng.chance(2) {
                world.rig.storage.checkpoint().expect("a checkpoint");
            }
            for _ in 0..40 {
                world.step();
            }
            let file = world.rig.table.file();
            let disk = vfs.crash(&mut world.rng);
            world.rig.storage.abandon();
            for session in &mut world.sessions {
                session.txn = None;
            }
            vfs = FaultyVfs::new(disk, Vec::new());
            let rig = Rig::reopen(Arc::new(vfs.clone()), options(), file, layout());
            world.after_crash(rig);
        }
        world.finish();
    }
}
