//! A leaf against a map, by random operations.

use std::collections::BTreeMap;

use common::limits::PAGE_SIZE;
use common::{RowId, Xid};
use proptest::prelude::*;
use storage::tree::bytes::{put_u16, put_u64};
use storage::tree::{LeafFormat, page};

use super::geometry::Width;
use super::insert_body::InsertBody;
use super::leaf_ref::{Cell, LeafRef};
use super::ops::{COMPACT, INSERT, LEAF_OPS, REMOVE, UPDATE};
use super::room::{Room, insert_room, update_room};
use super::row_format::{NewShape, RowFormat, relaid, row_key};
use super::update_body::{UpdateBody, UpdateView};
use super::word::Word;

fn same_shape(spare: super::rebuild::Spare) -> NewShape<'static> {
    NewShape {
        layout: 1,
        columns_known: WIDTHS.len(),
        widths: &WIDTHS,
        spare,
    }
}

type Row = Vec<Option<Vec<u8>>>;

const WIDTHS: [Width; 4] = [Width(4), Width::BYTES, Width(1), Width::BYTES];

#[derive(Default, Clone, Debug, PartialEq)]
struct ModelRow {
    word: u64,
    undo: u64,
    cells: Row,
}

fn apply(leaf: &mut [u8], code: u8, body: &[u8]) {
    let (_, _, run) = LEAF_OPS.iter().find(|op| op.0 == code).expect("known");
    run(leaf, body).expect("fits");
}

fn empty(low: u64, high: Option<u64>) -> Vec<u8> {
    let mut leaf = vec![0; PAGE_SIZE];
    let high = high.map(|high| row_key(RowId(high)));
    page::init(
        &mut leaf,
        0,
        Some(&row_key(RowId(low))),
        high.as_ref().map(|h| &h[..]),
        None,
    )
    .expect("fits");
    let format = RowFormat::new(1, WIDTHS.to_vec());
    assert!(format.build(&mut leaf, &[], None).expect("fits"));
    leaf
}

fn cell(row: &Row, column: usize) -> Option<Cell<'_>> {
    row[column].as_deref().map(Cell::inline)
}

fn check(leaf: &[u8], model: &BTreeMap<u64, ModelRow>) {
    let leaf = LeafRef::new(leaf).expect("good");
    leaf.check().expect("good");
    assert_eq!(leaf.count(), model.len());
    for (index, (id, row)) in model.iter().enumerate() {
        assert_eq!(leaf.find(RowId(*id)), Some(index));
        assert_eq!((leaf.word(index).0, leaf.undo(index)), (row.word, row.undo));
        for column in 0..WIDTHS.len() {
            let place = leaf.column(column).expect("good").expect("there");
            let found = leaf.cell(&place, index).expect("good");
            assert_eq!(found.map(|cell| cell.bytes), row.cells[column].as_deref());
        }
    }
}

fn row() -> impl Strategy<Value = Row> {
    let var = || prop::option::of(prop::collection::vec(any::<u8>(), 0..400));
    (
        prop::option::of(any::<u32>()),
        var(),
        prop::option::of(any::<u8>()),
        var(),
    )
        .prop_map(|(a, b, c, d)| {
            vec![
                a.map(|a| a.to_le_bytes().to_vec()),
                b,
                c.map(|c| vec![c]),
                d,
            ]
        })
}

#[derive(Clone, Debug)]
enum Step {
    Insert {
        id: u64,
        rows: Vec<Row>,
    },
    Update {
        pick: usize,
        columns: u8,
        row: Row,
        flags: u64,
    },
    Remove {
        id: u64,
        count: u16,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (100u64..400, prop::collection::vec(row(), 1..4))
            .prop_map(|(id, rows)| Step::Insert { id, rows }),
        4 => (any::<usize>(), 0u8..16, row(), 0u64..4)
            .prop_map(|(pick, columns, row, flags)| Step::Update { pick, columns, row, flags }),
        1 => (100u64..400, 1u16..20).prop_map(|(id, count)| Step::Remove { id, count }),
    ]
}

fn make_room(leaf: &mut Vec<u8>, room: Room) -> bool {
    match room {
        Room::Enough => true,
        Room::AfterCompaction => {
            apply(leaf, COMPACT, &[]);
            true
        }
        Room::AfterRebuild(spare) => {
            *leaf = relaid(leaf, &same_shape(spare), &|_| None)
                .expect("good")
                .expect("fits");
            true
        }
        Room::None => false,
    }
}

fn run(leaf: &mut Vec<u8>, model: &mut BTreeMap<u64, ModelRow>, step: &Step, at: u64) {
    match step {
        Step::Insert { id, rows } => {
            let range = *id..*id + rows.len() as u64;
            if model.range(range.clone()).next().is_some() {
                return;
            }
            let mut body = InsertBody::default();
            body.start(1, RowId(*id), rows.len(), WIDTHS.len());
            for (column, width) in WIDTHS.iter().enumerate() {
                body.column(*width, |row| cell(&rows[row], column));
            }
            let word = Word::new(Xid(at), 0);
            let view = LeafRef::new(leaf).expect("good");
            let room = insert_room(&view, RowId(*id), rows.len(), &body).expect("good");
            if !make_room(leaf, room) {
                return;
            }
            apply(leaf, INSERT, body.finish(word, at));
            for (id, cells) in range.zip(rows) {
                model.insert(
                    id,
                    ModelRow {
                        word: word.0,
                        undo: at,
                        cells: cells.clone(),
                    },
                );
            }
        }
        Step::Update {
            pick,
            columns,
            row,
            flags,
        } => {
            if model.is_empty() {
                return;
            }
            let id = *model.keys().nth(pick % model.len()).expect("within");
            let mut body = UpdateBody::default();
            body.start(1, RowId(id));
            for column in (0..4).filter(|column| columns & (1 << column) != 0) {
                body.column(column as u16, cell(row, column));
            }
            let word = Word::new(Xid(at), flags << 62);
            let bytes = body.finish(word, at).to_vec();
            let change = UpdateView::parse(&bytes).expect("own");
            let view = LeafRef::new(leaf).expect("good");
            let index = view.find(RowId(id)).expect("there");
            let room = update_room(&view, index, &change).expect("good");
            if !make_room(leaf, room) {
                return;
            }
            let before = {
                let view = LeafRef::new(leaf).expect("good");
                let mut before = UpdateBody::default();
                let index = view.find(RowId(id)).expect("there");
                before
                    .remember(&view, index, &change, view.undo(index))
                    .expect("good");
                before.bytes().to_vec()
            };
            apply(leaf, UPDATE, &bytes);
            if at.is_multiple_of(5) {
                // Undo at once: room may have to be made for what was longer; a tree would split.
                let old = UpdateView::parse(&before).expect("own");
                let view = LeafRef::new(leaf).expect("good");
                let index = view.find(RowId(id)).expect("there");
                let room = update_room(&view, index, &old).expect("good");
                if make_room(leaf, room) {
                    apply(leaf, UPDATE, &before);
                    return;
                }
            }
            let found = model.get_mut(&id).expect("there");
            (found.word, found.undo) = (word.0, at);
            for column in (0..4).filter(|column| columns & (1 << column) != 0) {
                found.cells[column].clone_from(&row[column]);
            }
        }
        Step::Remove { id, count } => {
            let mut body = vec![0; 10];
            put_u64(&mut body, 0, *id);
            put_u16(&mut body, 8, *count);
            apply(leaf, REMOVE, &body);
            model.retain(|row, _| !(*id..*id + u64::from(*count)).contains(row));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_leaf_is_a_map_of_rows(steps in prop::collection::vec(step(), 1..150)) {
        let (mut leaf, mut model) = (empty(100, None), BTreeMap::new());
        for (at, step) in steps.iter().enumerate() {
            run(&mut leaf, &mut model, step, at as u64 + 1);
            check(&leaf, &model);
        }
        // Split, check both halves, merge again.
        if model.len() >= 2 {
            let format = RowFormat::new(1, WIDTHS.to_vec());
            let first = *model.keys().next().expect("two");
            let point = format.split_point(&leaf, &row_key(RowId(first))).expect("good");
            prop_assert!(point.at > 0 && point.at < model.len());
            let separator = u64::from_be_bytes(point.separator[..].try_into().expect("8"));
            let (mut left, mut right) = (leaf.clone(), leaf.clone());
            page::init(&mut left, 0, page::low_fence(&leaf), Some(&point.separator), None)
                .expect("fits");
            page::init(&mut right, 0, Some(&point.separator), None, None).expect("fits");
            let count = model.len();
            prop_assert!(format.build(&mut left, &[(&leaf, 0..point.at)], None).expect("good"));
            prop_assert!(
                format.build(&mut right, &[(&leaf, point.at..count)], None).expect("good")
            );
            let upper = model.split_off(&separator);
            check(&left, &model);
            check(&right, &upper);
            model.extend(upper);
            let mut joined = leaf.clone();
            page::init(&mut joined, 0, page::low_fence(&leaf), None, None).expect("fits");
            let parts = [(&left[..], 0..point.at), (&right[..], 0..count - point.at)];
            if format.build(&mut joined, &parts, None).expect("good") {
                check(&joined, &model);
            }
        }
    }

    #[test]
    fn noise_is_an_error_and_never_a_panic(
        seed in any::<u64>(), at in 72usize..2000, noise in any::<u16>(), pick in 0u64..60,
    ) {
        let (mut leaf, mut model) = (empty(100, None), BTreeMap::new());
        let text = seed.to_le_bytes().repeat(9);
        for id in 100..140 {
            let cells = vec![Some(vec![1, 2, 3, 4]), Some(text.clone()), None, None];
            let insert = Step::Insert { id, rows: vec![cells] };
            run(&mut leaf, &mut model, &insert, id);
        }
        put_u16(&mut leaf, at, noise);
        if let Ok(leaf) = LeafRef::new(&leaf) {
            let _ = leaf.check();
        }
        let mut body = UpdateBody::default();
        body.start(1, RowId(100 + pick));
        body.column(1, Some(Cell::inline(&[7; 500])));
        let body = body.finish(Word::new(Xid(9), 0), 9).to_vec();
        for (code, body) in [(UPDATE, &body[..]), (COMPACT, &[][..])] {
            let (_, _, run) = LEAF_OPS.iter().find(|op| op.0 == code).expect("known");
            let _ = run(&mut leaf, body);
        }
    }
}
