//! The storage's own page operations: page initialisation and the allocation maps of files.
//!
//! A file is divided into groups of 65,536 pages; the first page of each group is its allocation
//! map, one bit a page. Setting and clearing bits commute, so mini-transactions that allocate from
//! one file are ordered by the map page's latch alone, taken last.

use common::{Error, Result, limits::PAGE_SIZE};

use crate::op_table::ApplyFn;
use crate::page_header::{self, PAGE_HEADER_SIZE, kind};

/// Pages of a group; its map page has number `group * GROUP_PAGES`.
pub const GROUP_PAGES: u32 = 65536;
/// Where the bits of a map page start.
pub const MAP_BITS_OFFSET: usize = PAGE_HEADER_SIZE + 64;

/// Zeroes the page and sets its identity. Body: file u32, number u32, owner u32, kind u8.
pub const INIT: u8 = 0x01;
/// Sets a bit of a map page. Body: index within the group u16.
pub const MAP_SET: u8 = 0x02;
/// Clears a bit of a map page. Body: index within the group u16.
pub const MAP_CLEAR: u8 = 0x03;
/// The page is free now; its content stays. Body: empty.
pub const FREE: u8 = 0x04;
/// A whole page image but for checksum and LSN. Body: the page's bytes from offset 4 without
/// trailing zeros.
pub const IMAGE: u8 = 0x05;

/// All of them, for the table.
pub const OPS: &[(u8, &str, ApplyFn)] = &[
    (INIT, "page init", init),
    (MAP_SET, "map set", map_set),
    (MAP_CLEAR, "map clear", map_clear),
    (FREE, "page free", free),
    (IMAGE, "page image", image),
];

/// Whether `op` determines the whole page, whatever it held.
pub fn is_init(op: u8) -> bool {
    op == INIT || op == IMAGE
}

/// The body of [`INIT`].
pub fn init_body(file: u32, number: u32, owner: u32, kind: u8) -> [u8; 13] {
    let mut body = [0; 13];
    body[..4].copy_from_slice(&file.to_le_bytes());
    body[4..8].copy_from_slice(&number.to_le_bytes());
    body[8..12].copy_from_slice(&owner.to_le_bytes());
    body[12] = kind;
    body
}

fn u32_at(body: &[u8], offset: usize) -> u32 {
    let bytes = body[offset..offset + 4].try_into();
    u32::from_le_bytes(bytes.expect("four bytes"))
}

fn init(page: &mut [u8], body: &[u8]) -> Result<()> {
    if body.len() != 13 {
        return Err(bad("page init"));
    }
    let lsn = page_header::lsn_u64(page);
    page.fill(0);
    page_header::set_lsn_u64(page, lsn);
    page_header::set_file(page, u32_at(body, 0));
    page_header::set_number(page, u32_at(body, 4));
    page_header::set_owner(page, u32_at(body, 8));
    page_header::set_kind(page, body[12]);
    Ok(())
}

fn map_bit(body: &[u8]) -> Result<(usize, u8)> {
    let index: [u8; 2] = body.try_into().map_err(|_| bad("map"))?;
    let index = usize::from(u16::from_le_bytes(index));
    Ok((MAP_BITS_OFFSET + index / 8, 1 << (index % 8)))
}

fn map_set(page: &mut [u8], body: &[u8]) -> Result<()> {
    let (at, mask) = map_bit(body)?;
    page[at] |= mask;
    Ok(())
}

fn map_clear(page: &mut [u8], body: &[u8]) -> Result<()> {
    let (at, mask) = map_bit(body)?;
    page[at] &= !mask;
    Ok(())
}

fn free(page: &mut [u8], _body: &[u8]) -> Result<()> {
    page_header::set_kind(page, kind::FREE);
    Ok(())
}

fn image(page: &mut [u8], body: &[u8]) -> Result<()> {
    if body.len() > PAGE_SIZE - 4 || body.len() < PAGE_HEADER_SIZE - 4 {
        return Err(bad("page image"));
    }
    let lsn = page_header::lsn_u64(page);
    page[4..4 + body.len()].copy_from_slice(body);
    page[4 + body.len()..].fill(0);
    page_header::set_lsn_u64(page, lsn);
    Ok(())
}

fn bad(what: &str) -> Error {
    Error::corrupted(format!("malformed {what} operation in the log"))
}
