//! Partitions and groups of peers.

use std::ops::Range;

use common::Result;
use types::{Vector, physical_of};

use crate::executor::context::Context;
use crate::executor::keys::Keys;
use crate::planner::physical::WindowNode;

/// Rows of a partition that are dealt with between two polls.
pub const POLL_ROWS: usize = 1024;

/// Keys of all input rows, batch by batch; all batches but the last are full.
pub struct Columns {
    pub partition_keys: Vec<Keys>,
    pub order_keys: Vec<Keys>,
    /// The first ordering column, for RANGE with an offset.
    pub order_value: Option<Vector>,
}

/// Rows of one partition; positions are of the whole input.
pub struct Partition<'c> {
    pub rows: Range<usize>,
    /// Of each row of the partition, the number of its group of peers.
    pub group_of: Vec<u32>,
    /// First row of each group, and the partition's end.
    pub group_starts: Vec<usize>,
    pub order_value: Option<&'c Vector>,
}

impl Columns {
    pub fn new(node: &WindowNode) -> Self {
        let value =
            |spec: &crate::planner::physical::SortSpec| Vector::new(physical_of(spec.ty.oid));
        Self {
            partition_keys: Vec::new(),
            order_keys: Vec::new(),
            order_value: node.order_by.first().map(value),
        }
    }
}

/// Finds a row's key in batches of any size.
struct Cursor<'k> {
    batches: &'k [Keys],
    batch: usize,
    row: usize,
}

impl<'k> Cursor<'k> {
    fn new(batches: &'k [Keys]) -> Self {
        Self {
            batches,
            batch: 0,
            row: 0,
        }
    }

    fn next(&mut self) -> &'k [u8] {
        while self.row >= self.batches[self.batch].len() {
            self.batch += 1;
            self.row = 0;
        }
        self.row += 1;
        self.batches[self.batch].get(self.row - 1)
    }
}

impl<'c> Partition<'c> {
    /// The partitions of `len` rows, in order.
    pub fn split(cx: &Context<'_>, columns: &'c Columns, len: usize) -> Result<Vec<Self>> {
        let mut partitions: Vec<Self> = Vec::new();
        let (mut keys, mut orders) = (
            Cursor::new(&columns.partition_keys),
            Cursor::new(&columns.order_keys),
        );
        let (mut last_key, mut last_order): (Option<&[u8]>, &[u8]) = (None, &[]);
        for row in 0..len {
            if row.is_multiple_of(POLL_ROWS) {
                cx.poll()?;
            }
            let (key, order) = (keys.next(), orders.next());
            if last_key != Some(key) {
                partitions.push(Self {
                    rows: row..row,
                    group_of: Vec::new(),
                    group_starts: Vec::new(),
                    order_value: columns.order_value.as_ref(),
                });
                last_key = Some(key);
            }
            let Some(partition) = partitions.last_mut() else {
                break;
            };
            if partition.group_starts.is_empty() || order != last_order {
                partition.group_starts.push(row);
            }
            last_order = order;
            partition
                .group_of
                .push(partition.group_starts.len() as u32 - 1);
            partition.rows.end = row + 1;
        }
        for partition in &mut partitions {
            partition.group_starts.push(partition.rows.end);
        }
        Ok(partitions)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The group of peers of a row.
    pub fn group(&self, row: usize) -> usize {
        self.group_of[row - self.rows.start] as usize
    }

    pub fn group_count(&self) -> usize {
        self.group_starts.len() - 1
    }

    /// The rows of a group; of one beyond an end, the empty range there.
    pub fn group_rows(&self, group: i64) -> Range<usize> {
        if group < 0 {
            return self.rows.start..self.rows.start;
        }
        match usize::try_from(group) {
            Ok(at) if at < self.group_count() => self.group_starts[at]..self.group_starts[at + 1],
            _ => self.rows.end..self.rows.end,
        }
    }

    pub fn peers(&self, row: usize) -> Range<usize> {
        self.group_rows(self.group(row) as i64)
    }
}
