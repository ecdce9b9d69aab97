//! Sorts by key bytes; under a LIMIT keeps only the top rows.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch};

use super::context::Context;
use super::keys::{KeyMaker, Keys};
use super::limit::count_of;
use super::operator::{Operator, open};
use super::rows::Rows;
use crate::planner::physical::SortNode;

/// Above this many rows a top sort keeps everything: the cut would not pay.
const TOP_MAX: u64 = 64 * 1024;

pub struct Sort {
    node: Arc<SortNode>,
    input: Box<dyn Operator>,
    maker: KeyMaker,
    rows: Rows,
    order: Vec<u32>,
    sorted: bool,
    given: usize,
    held_bytes: usize,
}

/// A row in the making of the order: the key's first bytes decide most comparisons.
#[derive(Clone, Copy)]
struct Entry {
    prefix: u64,
    batch: u32,
    row: u32,
}

fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = key.len().min(8);
    bytes[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(bytes)
}

/// Sorts the entries; equal keys keep the order in which they came.
fn sort_entries(entries: &mut [Entry], keys: &[Keys]) {
    let key = |entry: &Entry| keys[entry.batch as usize].get(entry.row as usize);
    entries.sort_unstable_by(|a, b| {
        a.prefix
            .cmp(&b.prefix)
            .then_with(|| key(a).cmp(key(b)))
            .then_with(|| (a.batch, a.row).cmp(&(b.batch, b.row)))
    });
}

impl Sort {
    pub fn new(node: Arc<SortNode>) -> Self {
        let input = open(&node.input);
        let maker = KeyMaker::sort(&node.keys);
        Self {
            node,
            input,
            maker,
            rows: Rows::default(),
            order: Vec::new(),
            sorted: false,
            given: 0,
            held_bytes: 0,
        }
    }

    fn top(&self, cx: &mut Context<'_>) -> Result<Option<usize>> {
        let Some((limit, offset)) = &self.node.top else {
            return Ok(None);
        };
        let Some(limit) = count_of(cx, Some(limit), "LIMIT")? else {
            return Ok(None);
        };
        let offset = count_of(cx, offset.as_ref(), "OFFSET")?.unwrap_or(0);
        let wanted = limit.saturating_add(offset);
        Ok((wanted <= TOP_MAX).then_some(wanted as usize))
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        match self.top(cx)? {
            Some(top) => self.fill_top(cx, top),
            None => self.fill_all(cx),
        }
    }

    fn fill_all(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let mut keys = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        let mut starts = Vec::new();
        let mut batch = Batch::default();
        while self.input.next(cx, &mut batch)? {
            cx.poll()?;
            let made = self.maker.keys(cx, &batch)?;
            let bytes = made.memory_bytes() + batch.len * (size_of::<Entry>() + 4);
            cx.charge(bytes)?;
            self.held_bytes += bytes;
            let number = keys.len() as u32;
            entries.extend((0..batch.len as u32).map(|row| Entry {
                prefix: prefix(made.get(row as usize)),
                batch: number,
                row,
            }));
            starts.push(self.rows.len() as u32);
            keys.push(made);
            self.rows.append(cx, std::mem::take(&mut batch))?;
        }
        sort_entries(&mut entries, &keys);
        self.order = entries
            .iter()
            .map(|entry| starts[entry.batch as usize] + entry.row)
            .collect();
        Ok(())
    }

    /// Collects batches and, whenever twice the wanted rows are there, throws the worse half away.
    fn fill_top(&mut self, cx: &mut Context<'_>, top: usize) -> Result<()> {
        let mut batch = Batch::default();
        let mut held = Batch::default();
        let mut held_keys: Vec<Keys> = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        let mut starts: Vec<u32> = Vec::new();
        if top == 0 {
            return Ok(());
        }
        let mut more = true;
        while more {
            more = self.input.next(cx, &mut batch)?;
            cx.poll()?;
            if more {
                let made = self.maker.keys(cx, &batch)?;
                let number = held_keys.len() as u32;
                // A row beyond the worst kept one cannot come in again.
                let bound = (entries.len() == top && held_keys.len() == 1)
                    .then(|| held_keys[0].get(entries[top - 1].row as usize).to_vec());
                let good = |row: &u32| match &bound {
                    Some(bound) => made.get(*row as usize) < bound.as_slice(),
                    None => true,
                };
                let rows: Vec<u32> = (0..batch.len as u32).filter(good).collect();
                if rows.is_empty() {
                    continue;
                }
                let part = if rows.len() == batch.len {
                    std::mem::take(&mut batch)
                } else {
                    batch.gather(&rows)
                };
                let made = if rows.len() == made.len() {
                    made
                } else {
                    self.maker.keys(cx, &part)?
                };
                starts.push(held.len as u32);
                entries.extend((0..part.len as u32).map(|row| Entry {
                    prefix: prefix(made.get(row as usize)),
                    batch: number,
                    row,
                }));
                held_keys.push(made);
                if held.columns.is_empty() {
                    held = part
                } else {
                    held.append_all(&part)
                }
            }
            if entries.len() >= 2 * top.max(BATCH_ROWS)
                || !more
                || (entries.len() > top && held_keys.len() > 1)
            {
                sort_entries(&mut entries, &held_keys);
                entries.truncate(top);
                let order: Vec<u32> = entries
                    .iter()
                    .map(|e| starts[e.batch as usize] + e.row)
                    .collect();
                held = held.gather(&order);
                held_keys = if held.is_empty() {
                    Vec::new()
                } else {
                    vec![self.maker.keys(cx, &held)?]
                };
                starts = vec![0];
                for (at, entry) in entries.iter_mut().enumerate() {
                    (entry.batch, entry.row) = (0, at as u32);
                }
            }
        }
        self.order = (0..held.len as u32).collect();
        if !held.is_empty() {
            self.rows.append(cx, held)?;
        }
        Ok(())
    }
}

impl Operator for Sort {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.sorted {
            self.fill(cx)?;
            self.sorted = true;
        }
        let end = (self.given + BATCH_ROWS).min(self.order.len());
        if end == self.given {
            out.clear();
            return Ok(false);
        }
        *out = self.rows.gather(&self.order[self.given..end]);
        self.given = end;
        Ok(true)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.rows.clear(cx);
        cx.release(std::mem::take(&mut self.held_bytes));
        self.order.clear();
        self.sorted = false;
        self.given = 0;
        self.input.restart(cx)
    }
}
