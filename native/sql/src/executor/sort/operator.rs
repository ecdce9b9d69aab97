//! The operator.

use std::sync::Arc;

use common::Result;
use types::{BATCH_ROWS, Batch, ByteVector, Vector};

use super::entries::{Entry, prefix, sort_entries};
use super::merge::{Merge, Runs, rows_of};
use crate::executor::context::Context;
use crate::executor::keys::{KeyMaker, Keys};
use crate::executor::limit::count_of;
use crate::executor::operator::{Operator, open};
use crate::executor::rows::Rows;
use crate::executor::spill::{SpillWriter, Spilled, is_full};
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
    /// The runs, where not all rows fitted.
    merge: Option<Merge>,
    disk_bytes: u64,
}

/// The rows that are sorted in memory.
#[derive(Default)]
struct Gathered {
    keys: Vec<Keys>,
    entries: Vec<Entry>,
    /// Number of the first row of each batch.
    starts: Vec<u32>,
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
            merge: None,
            disk_bytes: 0,
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
        let mut gathered = Gathered::default();
        let mut runs = Runs::default();
        let mut batch = Batch::default();
        while self.input.next(cx, &mut batch)? {
            cx.poll()?;
            let made = self.maker.keys(cx, &batch)?;
            let bytes = made.memory_bytes() + batch.len * (size_of::<Entry>() + 4);
            let held = self.held_bytes + self.rows.held_bytes();
            if !self.rows.is_empty() && is_full(cx, held, bytes + batch.memory_bytes()) {
                self.write_run(cx, std::mem::take(&mut gathered), &mut runs)?;
            }
            cx.charge(bytes)?;
            self.held_bytes += bytes;
            let number = gathered.keys.len() as u32;
            gathered
                .entries
                .extend((0..batch.len as u32).map(|row| Entry {
                    prefix: prefix(made.get(row as usize)),
                    batch: number,
                    row,
                }));
            gathered.starts.push(self.rows.len() as u32);
            gathered.keys.push(made);
            self.rows.append(cx, std::mem::take(&mut batch))?;
        }
        if runs.is_empty() {
            self.order = gathered.order(cx)?;
            return Ok(());
        }
        self.write_run(cx, gathered, &mut runs)?;
        self.disk_bytes = runs.disk_bytes();
        self.merge = Some(runs.into_merge()?);
        Ok(())
    }

    /// Sorts what is in memory and writes it out.
    fn write_run(
        &mut self,
        cx: &mut Context<'_>,
        mut gathered: Gathered,
        runs: &mut Runs,
    ) -> Result<()> {
        sort_entries(cx, &mut gathered.entries, &gathered.keys)?;
        let mut writer = SpillWriter::default();
        let bytes = (self.held_bytes + self.rows.held_bytes()) / gathered.entries.len().max(1);
        for part in gathered.entries.chunks(rows_of(bytes)) {
            cx.poll()?;
            let rows: Vec<u32> = part.iter().map(|entry| gathered.row(entry)).collect();
            let mut batch = self.rows.gather(&rows);
            let mut keys = ByteVector::with_capacity(part.len(), part.len() * 16);
            part.iter().for_each(|entry| keys.push(gathered.key(entry)));
            batch.columns.push(Vector::from(keys));
            writer.append(cx, batch)?;
        }
        runs.add(cx, writer.finish(cx)?)?;
        self.rows.clear(cx);
        cx.release(std::mem::take(&mut self.held_bytes));
        Ok(())
    }

    /// Collects batches and, whenever twice the wanted rows are there, throws the worse half away.
    fn fill_top(&mut self, cx: &mut Context<'_>, top: usize) -> Result<()> {
        let mut batch = Batch::default();
        let mut held = Held::default();
        if top == 0 {
            return Ok(());
        }
        while self.input.next(cx, &mut batch)? {
            cx.poll()?;
            let made = self.maker.keys(cx, &batch)?;
            // A row beyond the worst kept one cannot come in again.
            let bound = held.bound(top).map(<[u8]>::to_vec);
            let good = |row: &u32| match &bound {
                Some(bound) => made.get(*row as usize) < bound.as_slice(),
                None => true,
            };
            let rows: Vec<u32> = (0..batch.len as u32).filter(good).collect();
            match rows.len() {
                0 => continue,
                all if all == batch.len => held.add(std::mem::take(&mut batch), made),
                _ => held.add(batch.gather(&rows), made.gather(&rows)),
            }
            // Only after a cut are they in order, and the last one the worst.
            if held.gathered.entries.len() >= top {
                held.cut(cx, &self.maker, top)?;
            }
        }
        held.cut(cx, &self.maker, top)?;
        self.order = (0..held.rows.len as u32).collect();
        if !held.rows.is_empty() {
            self.rows.append(cx, held.rows)?;
        }
        Ok(())
    }
}

/// The rows of a top sort so far.
#[derive(Default)]
struct Held {
    rows: Batch,
    gathered: Gathered,
}

impl Held {
    /// The key of the worst row, if exactly the wanted rows are there, in order.
    fn bound(&self, top: usize) -> Option<&[u8]> {
        let Gathered { keys, entries, .. } = &self.gathered;
        let is_cut = entries.len() == top && keys.len() == 1;
        is_cut.then(|| self.gathered.key(&entries[top - 1]))
    }

    fn add(&mut self, rows: Batch, keys: Keys) {
        let number = self.gathered.keys.len() as u32;
        self.gathered.starts.push(self.rows.len as u32);
        self.gathered
            .entries
            .extend((0..rows.len as u32).map(|row| Entry {
                prefix: prefix(keys.get(row as usize)),
                batch: number,
                row,
            }));
        self.gathered.keys.push(keys);
        if self.rows.columns.is_empty() {
            self.rows = rows;
        } else {
            self.rows.append_all(&rows);
        }
    }

    /// Keeps the first `top` rows, in order.
    fn cut(&mut self, cx: &mut Context<'_>, maker: &KeyMaker, top: usize) -> Result<()> {
        sort_entries(cx, &mut self.gathered.entries, &self.gathered.keys)?;
        self.gathered.entries.truncate(top);
        let places = self.gathered.entries.iter();
        let order: Vec<u32> = places.map(|entry| self.gathered.row(entry)).collect();
        self.rows = self.rows.gather(&order);
        let keys = match self.rows.is_empty() {
            true => Vec::new(),
            false => vec![maker.keys(cx, &self.rows)?],
        };
        let entries = std::mem::take(&mut self.gathered.entries);
        self.gathered = Gathered {
            keys,
            entries: entries
                .into_iter()
                .enumerate()
                .map(|(at, entry)| Entry {
                    batch: 0,
                    row: at as u32,
                    ..entry
                })
                .collect(),
            starts: vec![0],
        };
        Ok(())
    }
}

impl Gathered {
    fn key(&self, entry: &Entry) -> &[u8] {
        self.keys[entry.batch as usize].get(entry.row as usize)
    }

    fn row(&self, entry: &Entry) -> u32 {
        self.starts[entry.batch as usize] + entry.row
    }

    /// The numbers of the rows in order.
    fn order(mut self, cx: &Context<'_>) -> Result<Vec<u32>> {
        sort_entries(cx, &mut self.entries, &self.keys)?;
        Ok(self.entries.iter().map(|entry| self.row(entry)).collect())
    }
}

impl Operator for Sort {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        if !self.sorted {
            self.fill(cx)?;
            self.sorted = true;
        }
        if let Some(merge) = &mut self.merge {
            return merge.next(cx, out);
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
        self.merge = None;
        self.sorted = false;
        self.given = 0;
        self.input.restart(cx)
    }

    fn spilled(&self) -> Option<Spilled> {
        Some(Spilled {
            batches: 1,
            disk_bytes: self.disk_bytes,
        })
    }
}
