//! Undo pages and the operations that change them.
//!
//! Behind the page header: chain u16, end of the records u16, start of the last record u16, two
//! bytes of nothing, number of the page within its chain u64. Records follow one another from
//! [`FIRST_RECORD`] and never cross a page's end.

use common::limits::PAGE_SIZE;
use common::{Error, Result};
use storage::page_header::{self, kind};
use storage::{ApplyFn, PAGE_HEADER_SIZE, op_code};

use super::undo_record::{FLAG_DONE, FLAGS_OFFSET, RECORD_HEADER_SIZE, UndoRecordRef};

/// Page kind of undo pages.
pub const PAGE_KIND: u8 = kind::UNDO;

const CHAIN: usize = PAGE_HEADER_SIZE;
const END: usize = PAGE_HEADER_SIZE + 2;
const LAST: usize = PAGE_HEADER_SIZE + 4;
const NUMBER: usize = PAGE_HEADER_SIZE + 8;
/// Offset of a page's first record.
pub const FIRST_RECORD: usize = PAGE_HEADER_SIZE + 16;
/// The largest body of a record.
pub const MAX_BODY_SIZE: usize = PAGE_SIZE - FIRST_RECORD - RECORD_HEADER_SIZE;

/// Makes a fresh page one of a chain. Body: chain u16, number u64.
pub const UNDO_INIT: u8 = op_code::UNDO;
/// Adds a record. Body: offset u16, the record.
pub const UNDO_APPEND: u8 = op_code::UNDO + 1;
/// Sets [`FLAG_DONE`] of records. Body: their offsets, u16 each.
pub const UNDO_DONE: u8 = op_code::UNDO + 2;

/// To be registered with the storage's table of operations.
pub const UNDO_OPS: &[(u8, &str, ApplyFn)] = &[
    (UNDO_INIT, "undo page init", apply_init),
    (UNDO_APPEND, "undo append", apply_append),
    (UNDO_DONE, "undo done", apply_done),
];

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn set_u16(bytes: &mut [u8], at: usize, value: usize) {
    bytes[at..at + 2].copy_from_slice(&(value as u16).to_le_bytes());
}

/// Chain that the page belongs to.
pub fn chain(page: &[u8]) -> u16 {
    u16_at(page, CHAIN)
}

/// Where the next record goes.
pub fn end(page: &[u8]) -> usize {
    usize::from(u16_at(page, END))
}

/// Offset of the last record; 0 when there is none.
pub fn last(page: &[u8]) -> usize {
    usize::from(u16_at(page, LAST))
}

/// Number of the page within its chain.
pub fn number(page: &[u8]) -> u64 {
    let bytes = page[NUMBER..NUMBER + 8].try_into();
    u64::from_le_bytes(bytes.expect("eight bytes"))
}

/// Whether the page is the one that `chain` has at `number`.
pub fn belongs_to(page: &[u8], chain_no: u16, number_in_chain: u64) -> bool {
    page_header::kind_of(page) == PAGE_KIND
        && chain(page) == chain_no
        && number(page) == number_in_chain
        && (FIRST_RECORD..=PAGE_SIZE).contains(&end(page))
}

/// The record at `offset` of a page that was checked with [`belongs_to`].
pub fn record(page: &[u8], offset: usize) -> Result<UndoRecordRef<'_>> {
    if offset < FIRST_RECORD || offset >= end(page) {
        return Err(Error::corrupted(format!(
            "no undo record at offset {offset} of {}",
            page_header::id(page)
        )));
    }
    UndoRecordRef::parse(&page[offset..end(page)])
}

/// The body of [`UNDO_INIT`].
pub(crate) fn init_body(chain_no: u16, number_in_chain: u64) -> [u8; 10] {
    let mut body = [0; 10];
    body[..2].copy_from_slice(&chain_no.to_le_bytes());
    body[2..].copy_from_slice(&number_in_chain.to_le_bytes());
    body
}

/// What [`init_body`] was made of.
pub(crate) fn parse_init(body: &[u8]) -> Result<(u16, u64)> {
    let body: &[u8; 10] = body.try_into().map_err(|_| bad("init"))?;
    let number_in_chain = body[2..].try_into().expect("eight bytes");
    Ok((u16_at(body, 0), u64::from_le_bytes(number_in_chain)))
}

fn apply_init(page: &mut [u8], body: &[u8]) -> Result<()> {
    let (chain_no, number_in_chain) = parse_init(body)?;
    page_header::set_kind(page, PAGE_KIND);
    page[CHAIN..CHAIN + 2].copy_from_slice(&chain_no.to_le_bytes());
    set_u16(page, END, FIRST_RECORD);
    set_u16(page, LAST, 0);
    page[NUMBER..NUMBER + 8].copy_from_slice(&number_in_chain.to_le_bytes());
    Ok(())
}

fn apply_append(page: &mut [u8], body: &[u8]) -> Result<()> {
    if body.len() < 2 + RECORD_HEADER_SIZE {
        return Err(bad("append"));
    }
    let offset = usize::from(u16_at(body, 0));
    let record = &body[2..];
    if offset != end(page) || offset < FIRST_RECORD || offset + record.len() > PAGE_SIZE {
        return Err(bad("append"));
    }
    page[offset..offset + record.len()].copy_from_slice(record);
    set_u16(page, END, offset + record.len());
    set_u16(page, LAST, offset);
    Ok(())
}

fn apply_done(page: &mut [u8], body: &[u8]) -> Result<()> {
    if !body.len().is_multiple_of(2) {
        return Err(bad("done"));
    }
    for at in (0..body.len()).step_by(2) {
        let offset = usize::from(u16_at(body, at));
        if offset < FIRST_RECORD || offset + RECORD_HEADER_SIZE > end(page) {
            return Err(bad("done"));
        }
        page[offset + FLAGS_OFFSET] |= FLAG_DONE;
    }
    Ok(())
}

fn bad(what: &str) -> Error {
    Error::corrupted(format!("malformed undo {what} operation in the log"))
}
