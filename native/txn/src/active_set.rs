//! The transactions that have an xid and have not ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::rt::Mutex;
use common::{Lsn, Xid};
use smallvec::SmallVec;

use crate::backend::Backend;
use crate::live_snapshots::LiveSnapshots;
use crate::lock::HeldLocks;
use crate::snapshot::Snapshot;
use crate::undo::ChainRange;

/// What a transaction leaves behind, from the moment its commit record is appended.
#[derive(Debug, Default)]
pub struct Ending {
    pub held: HeldLocks,
    pub chain: Option<u16>,
    pub undo: Option<ChainRange>,
}

#[derive(Debug)]
struct Entry {
    backend: Arc<Backend>,
    ending: Option<Ending>,
}

/// One that has just left the set.
#[derive(Debug)]
pub struct Ended {
    pub backend: Arc<Backend>,
    pub ending: Ending,
}

/// Xids are given, and leave, under one lock, and so is each snapshot made: it has every xid below
/// its `xmax` either in its list or ended.
#[derive(Debug)]
pub struct ActiveSet {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    next_xid: Xid,
    publish_no: u64,
    lsn: Lsn,
    entries: BTreeMap<Xid, Entry>,
}

/// The first xid ever; those below stand for what was always there (PostgreSQL's bootstrap xids).
pub const FIRST_XID: Xid = Xid(3);

impl ActiveSet {
    pub fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                next_xid: FIRST_XID,
                publish_no: 0,
                lsn: Lsn(0),
                entries: BTreeMap::new(),
            }),
        }
    }

    /// Gives the next xid.
    pub fn assign(&self, backend: &Arc<Backend>) -> Xid {
        let mut inner = self.inner.lock();
        let xid = inner.next_xid;
        inner.next_xid = Xid(xid.0 + 1);
        // Before any row can carry the xid: who meets it there finds the session ready.
        backend.set_xid(xid);
        backend.entered.lock().xid = xid;
        let entry = Entry {
            backend: backend.clone(),
            ending: None,
        };
        inner.entries.insert(xid, entry);
        xid
    }

    /// The session of an active transaction.
    pub fn owner(&self, xid: Xid) -> Option<Arc<Backend>> {
        let inner = self.inner.lock();
        inner.entries.get(&xid).map(|entry| entry.backend.clone())
    }

    pub fn contains(&self, xid: Xid) -> bool {
        self.inner.lock().entries.contains_key(&xid)
    }

    /// The next xid and the active ones, ascending.
    pub fn list(&self) -> (Xid, Vec<Xid>) {
        let inner = self.inner.lock();
        (inner.next_xid, inner.entries.keys().copied().collect())
    }

    /// The transaction is about to end: its record may be published at any moment from now on.
    pub fn prepare_end(&self, xid: Xid, ending: Ending) {
        if let Some(entry) = self.inner.lock().entries.get_mut(&xid) {
            entry.ending = Some(ending);
        }
    }

    /// Takes [`ActiveSet::prepare_end`] back: the log refused the record.
    pub fn cancel_end(&self, xid: Xid) -> Option<Ending> {
        let mut inner = self.inner.lock();
        inner.entries.get_mut(&xid)?.ending.take()
    }

    /// Lets those of `xids` that are here and were prepared leave, in one step, and publishes the
    /// next snapshot. Answers its number and who left.
    pub fn end(
        &self,
        live: &LiveSnapshots,
        xids: impl Iterator<Item = (Xid, Lsn)>,
    ) -> (u64, SmallVec<[Ended; 4]>) {
        let mut ended = SmallVec::new();
        let mut inner = self.inner.lock();
        for (xid, lsn) in xids {
            let Some(entry) = inner.entries.get_mut(&xid) else {
                continue;
            };
            let Some(ending) = entry.ending.take() else {
                continue;
            };
            inner.lsn = inner.lsn.max(lsn);
            if let Some(entry) = inner.entries.remove(&xid) {
                ended.push(Ended {
                    backend: entry.backend,
                    ending,
                });
            }
        }
        if !ended.is_empty() {
            inner.publish_no += 1;
            live.publish(inner.snapshot());
        }
        (inner.publish_no, ended)
    }

    /// After recovery: where to go on.
    pub fn restore(
        &self,
        live: &LiveSnapshots,
        next_xid: Xid,
        lsn: Lsn,
        losers: impl Iterator<Item = (Xid, Arc<Backend>)>,
    ) {
        let mut inner = self.inner.lock();
        inner.next_xid = inner.next_xid.max(next_xid);
        inner.lsn = lsn;
        for (xid, backend) in losers {
            backend.set_xid(xid);
            backend.entered.lock().xid = xid;
            let entry = Entry {
                backend,
                ending: None,
            };
            inner.entries.insert(xid, entry);
        }
        inner.publish_no += 1;
        live.publish(inner.snapshot());
    }

    /// The state before the first transaction.
    pub fn first_snapshot(&self) -> Snapshot {
        self.inner.lock().snapshot()
    }
}

impl Inner {
    fn snapshot(&self) -> Snapshot {
        let active: Box<[Xid]> = self.entries.keys().copied().collect();
        Snapshot {
            xmin: active.first().copied().unwrap_or(self.next_xid),
            xmax: self.next_xid,
            active,
            publish_no: self.publish_no,
            lsn: self.lsn,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::SnapshotRef;

    #[derive(Clone, Debug)]
    enum Step {
        Assign,
        /// Ends some of the active ones in one publish.
        End(Vec<prop::sample::Index>),
        Take,
        Drop(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Assign),
            2 => prop::collection::vec(any::<prop::sample::Index>(), 1..4).prop_map(Step::End),
            2 => Just(Step::Take),
            1 => any::<prop::sample::Index>().prop_map(Step::Drop),
        ]
    }

    /// What a taken snapshot should say: the transactions that had ended.
    struct Taken {
        snapshot: SnapshotRef,
        ended: BTreeMap<Xid, u64>,
    }

    fn check(taken: &Taken, next: u64) {
        let snapshot = &taken.snapshot;
        for xid in (0..next + 2).map(Xid) {
            let number = taken.ended.get(&xid);
            let expected = xid < FIRST_XID || number.is_some();
            assert_eq!(snapshot.sees(xid), expected, "{xid} in {snapshot:?}");
            assert!(number.is_none_or(|number| *number <= snapshot.publish_no));
        }
    }

    fn run(steps: Vec<Step>) {
        let set = ActiveSet::new();
        let live = LiveSnapshots::new(set.first_snapshot());
        let mut next = FIRST_XID.0;
        let mut active: Vec<Xid> = Vec::new();
        let mut ended: BTreeMap<Xid, u64> = BTreeMap::new();
        let mut taken: Vec<Taken> = Vec::new();
        for step in steps {
            match step {
                Step::Assign => {
                    let xid = set.assign(&Arc::new(Backend::new(1)));
                    assert_eq!(xid, Xid(next));
                    next += 1;
                    active.push(xid);
                }
                Step::End(picks) => {
                    let mut group = Vec::new();
                    for pick in picks {
                        if !active.is_empty() {
                            group.push((active.swap_remove(pick.index(active.len())), Lsn(next)));
                        }
                    }
                    for (xid, _) in &group {
                        set.prepare_end(*xid, Ending::default());
                    }
                    let (number, left) = set.end(&live, group.iter().copied());
                    assert_eq!(left.len(), group.len());
                    ended.extend(group.iter().map(|(xid, _)| (*xid, number)));
                }
                Step::Take => taken.push(Taken {
                    snapshot: live.take(),
                    ended: ended.clone(),
                }),
                Step::Drop(pick) if !taken.is_empty() => {
                    taken.swap_remove(pick.index(taken.len()));
                }
                Step::Drop(_) => {}
            }
            taken.iter().for_each(|taken| check(taken, next));
            let numbers = taken.iter().map(|taken| taken.snapshot.publish_no);
            let oldest = numbers.min().unwrap_or(u64::MAX);
            assert_eq!(live.oldest().publish_no, oldest.min(live.take().publish_no));
            let xmins = taken.iter().map(|taken| taken.snapshot.xmin);
            assert!(xmins.min().is_none_or(|xmin| live.oldest_xmin() <= xmin));
            assert!(active.iter().all(|xid| set.contains(*xid)));
        }
    }

    proptest! {
        #[test]
        fn snapshots_see_exactly_what_had_ended(
            steps in prop::collection::vec(step(), 1..120)
        ) {
            run(steps);
        }
    }

    #[test]
    fn a_long_held_snapshot_keeps_the_list_short() {
        let set = ActiveSet::new();
        let live = LiveSnapshots::new(set.first_snapshot());
        let held = live.take();
        let backend = Arc::new(Backend::new(1));
        for _ in 0..10_000 {
            let xid = set.assign(&backend);
            set.prepare_end(xid, Ending::default());
            set.end(&live, std::iter::once((xid, Lsn(1))));
        }
        assert_eq!(live.oldest().publish_no, held.publish_no);
        assert!(live.list_len() < 200);
        drop(held);
        assert_eq!(live.oldest().publish_no, 10_000);
    }
}
