//! The operations that change leaves of indexes, with the bodies they take. Places are indexes of
//! entries: a record is applied to the very page that it was made for.

use common::{PageNo, Result};
use storage::tree::bytes::Reader;
use storage::{ApplyFn, Mtr, Slot, op_code};

use super::edit::{self, Put};
use super::run_room::RunPlace;
use crate::entry_run::EntryRun;

/// An entry is put in, in place of one with the same full key or not. Body: index u16, flags u8 (1
/// replaces, 2 has a value), guess u32, full key length u16, full key, value.
pub const PUT: u8 = op_code::OTHER;
/// An entry goes. Body: index u16.
pub const REMOVE: u8 = op_code::OTHER + 1;
/// An entry is marked. Body: index u16.
pub const MARK: u8 = op_code::OTHER + 2;
/// An entry's mark goes. Body: index u16.
pub const UNMARK: u8 = op_code::OTHER + 3;
/// An entry gets another guess. Body: index u16, guess u32.
pub const SET_GUESS: u8 = op_code::OTHER + 4;
/// Entries are put in that follow each other and begin with the leaf's prefix; there is room. Body:
/// index u16, count u16, then of each guess u32, suffix length u16, suffix.
pub const PUT_RUN: u8 = op_code::OTHER + 5;

/// All of them, for [`storage::OpTable::register`] (the tree's own are `storage::tree::OPS`).
pub const INDEX_OPS: &[(u8, &str, ApplyFn)] = &[
    (PUT, "index put", apply_put),
    (REMOVE, "index remove", apply_remove),
    (MARK, "index mark", apply_mark),
    (UNMARK, "index unmark", apply_unmark),
    (SET_GUESS, "index set guess", apply_set_guess),
    (PUT_RUN, "index put run", apply_put_run),
];

const REPLACES: u8 = 1;
const HAS_VALUE: u8 = 2;

fn guess_bytes(guess: Option<PageNo>) -> [u8; 4] {
    guess.map_or(0, |no| no.0).to_le_bytes()
}

fn guess_of(number: u32) -> Option<PageNo> {
    (number != 0).then_some(PageNo(number))
}

pub(crate) fn log_put(mtr: &mut Mtr<'_>, slot: Slot, put: &Put<'_>) {
    let value_flag = u8::from(put.value.is_some()) * HAS_VALUE;
    let flags = [(u8::from(put.replaces) * REPLACES) | value_flag];
    let parts: [&[u8]; 6] = [
        &(put.index as u16).to_le_bytes(),
        &flags,
        &guess_bytes(put.guess),
        &(put.full.len() as u16).to_le_bytes(),
        put.full,
        put.value.unwrap_or_default(),
    ];
    mtr.op_parts(slot, PUT, &parts);
}

fn apply_put(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let index = usize::from(body.u16()?);
    let flags = body.u8()?;
    let guess = guess_of(body.u32()?);
    let full_len = usize::from(body.u16()?);
    let put = Put {
        index,
        replaces: flags & REPLACES != 0,
        full: body.take(full_len)?,
        guess,
        value: (flags & HAS_VALUE != 0).then(|| body.rest()),
    };
    edit::put(page, &put)
}

pub(crate) fn log_remove(mtr: &mut Mtr<'_>, slot: Slot, index: usize) {
    mtr.op(slot, REMOVE, &(index as u16).to_le_bytes());
}

fn apply_remove(page: &mut [u8], body: &[u8]) -> Result<()> {
    edit::remove(page, usize::from(Reader::new(body).u16()?))
}

pub(crate) fn log_set_marked(mtr: &mut Mtr<'_>, slot: Slot, index: usize, is_marked: bool) {
    let code = if is_marked { MARK } else { UNMARK };
    mtr.op(slot, code, &(index as u16).to_le_bytes());
}

fn apply_mark(page: &mut [u8], body: &[u8]) -> Result<()> {
    edit::set_marked(page, usize::from(Reader::new(body).u16()?), true)
}

fn apply_unmark(page: &mut [u8], body: &[u8]) -> Result<()> {
    edit::set_marked(page, usize::from(Reader::new(body).u16()?), false)
}

pub(crate) fn log_set_guess(mtr: &mut Mtr<'_>, slot: Slot, index: usize, guess: Option<PageNo>) {
    let parts: [&[u8]; 2] = [&(index as u16).to_le_bytes(), &guess_bytes(guess)];
    mtr.op_parts(slot, SET_GUESS, &parts);
}

fn apply_set_guess(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let index = usize::from(body.u16()?);
    edit::set_guess(page, index, guess_of(body.u32()?))
}

/// A run of short keys takes about as much.
const RUN_BYTES_GUESS: usize = 8 << 10;

/// Names the operation that puts the entries of `run` from `from` on into the room that was found.
pub(crate) fn log_put_run(
    mtr: &mut Mtr<'_>,
    slot: Slot,
    run: &EntryRun,
    from: usize,
    place: RunPlace,
) {
    let mut body = Vec::with_capacity(RUN_BYTES_GUESS);
    body.extend_from_slice(&(place.index as u16).to_le_bytes());
    body.extend_from_slice(&(place.entries as u16).to_le_bytes());
    for at in from..from + place.entries {
        let suffix = &run.full(at)[place.prefix_len..];
        body.extend_from_slice(&guess_bytes(run.guess(at)));
        body.extend_from_slice(&(suffix.len() as u16).to_le_bytes());
        body.extend_from_slice(suffix);
    }
    mtr.op(slot, PUT_RUN, &body);
}

fn apply_put_run(page: &mut [u8], body: &[u8]) -> Result<()> {
    let mut body = Reader::new(body);
    let (index, count) = (usize::from(body.u16()?), usize::from(body.u16()?));
    edit::put_run(page, index, count, || {
        let guess = body.u32()?;
        let len = usize::from(body.u16()?);
        Ok((guess, body.take(len)?))
    })
}
