//! Window functions and frames.

use std::sync::Arc;

use functions::{WindowDef, WindowKind};
use sql::ir::*;
use types::{Collation, Datum, TypeOid};

use crate::build::*;
use crate::memory::Memory;
use crate::numbers::*;

const fn def(name: &'static str, kind: WindowKind, ret: TypeOid) -> WindowDef {
    WindowDef {
        oid: 1,
        name,
        args: &[],
        ret,
        kind,
    }
}

static ROW_NUMBER: WindowDef = def("row_number", WindowKind::RowNumber, TypeOid::INT8);
static RANK: WindowDef = def("rank", WindowKind::Rank, TypeOid::INT8);
static DENSE_RANK: WindowDef = def("dense_rank", WindowKind::DenseRank, TypeOid::INT8);
static NTILE: WindowDef = def("ntile", WindowKind::Ntile, TypeOid::INT4);
static LAG: WindowDef = def("lag", WindowKind::Lag, TypeOid::INT4);
static LEAD: WindowDef = def("lead", WindowKind::Lead, TypeOid::INT4);
static LAST: WindowDef = def("last_value", WindowKind::LastValue, TypeOid::INT4);

fn table(rows: &[(i32, i32)]) -> (Memory, Arc<TableRules>) {
    let rules = TableOf::new(1, "t", &[("g", INT), ("v", INT)]).done();
    let memory = Memory::new();
    memory.add_table(rules.clone());
    memory.fill(
        rules.table.oid,
        rows.iter().map(|(g, v)| vec![i(*g), i(*v)]),
    );
    (memory, rules)
}

type Asked = (WindowFunction, Vec<Expr>, Frame, types::SqlType);

/// `v` and the calls over `PARTITION BY g ORDER BY v`, in that order.
fn ask(rows: &[(i32, i32)], calls: impl Fn(&Scanned) -> Vec<Asked>) -> Vec<Vec<Datum>> {
    let (memory, rules) = table(rows);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let mut out = vec![(s.ids[1], INT)];
    let mut list = Vec::new();
    for (function, args, frame, ty) in calls(&s) {
        let id = b.id(ty);
        out.push((id, ty));
        list.push(WindowCall {
            id,
            function,
            args,
            filter: None,
            frame,
            collation: Collation::C,
        });
    }
    let plan = Plan::Window(Box::new(Window {
        input: s.plan.clone(),
        partition_by: vec![s.col(0)],
        order_by: vec![key(s.col(1), false)],
        calls: list,
    }));
    run(&memory, b.finish(plan, out)).unwrap()
}

fn frame(unit: FrameUnit, start: FrameBound, end: FrameBound, exclusion: FrameExclusion) -> Frame {
    Frame {
        unit,
        start,
        end,
        exclusion,
    }
}

const ROWS: &[(i32, i32)] = &[(2, 7), (1, 3), (1, 1), (1, 3), (1, 4), (1, 9), (2, 5)];

#[test]
fn ranks_and_neighbours() {
    let window = WindowFunction::Window;
    let rows = ask(ROWS, |s| {
        vec![
            (window(&ROW_NUMBER), vec![], Frame::default(), BIG),
            (window(&RANK), vec![], Frame::default(), BIG),
            (window(&DENSE_RANK), vec![], Frame::default(), BIG),
            (window(&NTILE), vec![int(2)], Frame::default(), INT),
            (window(&LAG), vec![s.col(1)], Frame::default(), INT),
            (
                window(&LEAD),
                vec![s.col(1), int(2), int(-1)],
                Frame::default(),
                INT,
            ),
            (window(&LAST), vec![s.col(1)], Frame::default(), INT),
        ]
    });
    let n = Datum::I64;
    let wanted = [
        [i(1), n(1), n(1), n(1), i(1), NULL, i(3), i(1)],
        [i(3), n(2), n(2), n(2), i(1), i(1), i(4), i(3)],
        [i(3), n(3), n(2), n(2), i(1), i(3), i(9), i(3)],
        [i(4), n(4), n(4), n(3), i(2), i(3), i(-1), i(4)],
        [i(9), n(5), n(5), n(4), i(2), i(4), i(-1), i(9)],
        [i(5), n(1), n(1), n(1), i(1), NULL, i(-1), i(5)],
        [i(7), n(2), n(2), n(2), i(2), i(5), i(-1), i(7)],
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn sums_over_frames() {
    use FrameBound::{CurrentRow, Following, Preceding, UnboundedPreceding};
    let sum = |frame| (WindowFunction::Aggregate(&SUM), frame);
    let frames = [
        sum(Frame::default()),
        sum(frame(
            FrameUnit::Rows,
            UnboundedPreceding,
            CurrentRow,
            FrameExclusion::NoOthers,
        )),
        sum(frame(
            FrameUnit::Rows,
            Preceding(big(1)),
            Following(big(1)),
            FrameExclusion::NoOthers,
        )),
        sum(frame(
            FrameUnit::Range,
            Preceding(int(1)),
            Following(int(1)),
            FrameExclusion::NoOthers,
        )),
        sum(frame(
            FrameUnit::Groups,
            Preceding(big(1)),
            CurrentRow,
            FrameExclusion::NoOthers,
        )),
        sum(frame(
            FrameUnit::Groups,
            UnboundedPreceding,
            CurrentRow,
            FrameExclusion::Ties,
        )),
        sum(frame(
            FrameUnit::Groups,
            UnboundedPreceding,
            CurrentRow,
            FrameExclusion::Group,
        )),
        sum(frame(
            FrameUnit::Groups,
            UnboundedPreceding,
            CurrentRow,
            FrameExclusion::CurrentRow,
        )),
    ];
    let group: Vec<(i32, i32)> = ROWS.iter().copied().filter(|(g, _)| *g == 1).collect();
    let rows = ask(&group, |s| {
        let call = |(function, frame): &(WindowFunction, Frame)| {
            (*function, vec![s.col(1)], frame.clone(), BIG)
        };
        frames.iter().map(call).collect()
    });
    let n = Datum::I64;
    // Values 1, 3, 3, 4, 9, checked with PostgreSQL 15.
    let wanted = [
        vec![i(1), n(1), n(1), n(4), n(1), n(1), n(1), NULL, NULL],
        vec![i(3), n(7), n(4), n(7), n(10), n(7), n(4), n(1), n(4)],
        vec![i(3), n(7), n(7), n(10), n(10), n(7), n(4), n(1), n(4)],
        vec![i(4), n(11), n(11), n(16), n(10), n(10), n(11), n(7), n(7)],
        vec![i(9), n(20), n(20), n(13), n(9), n(13), n(20), n(11), n(11)],
    ];
    assert_eq!(rows, wanted);
}

#[test]
fn a_negative_offset_is_refused() {
    let (memory, rules) = table(ROWS);
    let mut b = Builder::default();
    let s = b.scan(&rules);
    let id = b.id(BIG);
    let bad = frame(
        FrameUnit::Rows,
        FrameBound::Preceding(big(-1)),
        FrameBound::CurrentRow,
        FrameExclusion::NoOthers,
    );
    let plan = Plan::Window(Box::new(Window {
        input: s.plan.clone(),
        partition_by: vec![],
        order_by: vec![key(s.col(1), false)],
        calls: vec![WindowCall {
            id,
            function: WindowFunction::Aggregate(&SUM),
            args: vec![s.col(1)],
            filter: None,
            frame: bad,
            collation: Collation::C,
        }],
    }));
    let error = run(&memory, b.finish(plan, vec![(id, BIG)])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "22013: frame starting offset must not be negative"
    );
}
