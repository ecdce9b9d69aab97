//! Sorted runs in temporary files, and their merge.
//!
//! Of equal keys the row of the older run comes first: the sort stays stable.

use common::Result;
use types::{BATCH_ROWS, Batch, Vector};

use crate::executor::context::Context;
use crate::executor::spill::{SpillReader, SpillWriter, SpilledRows};

/// So many runs are merged at a time: each has a file open and a batch in memory.
const WAYS: usize = 32;
/// What a batch of a run should not exceed.
const BATCH_BYTES: usize = 1 << 20;

/// How many rows of that size make a batch of a run.
pub fn rows_of(row_bytes: usize) -> usize {
    (BATCH_BYTES / row_bytes.max(1)).clamp(1, BATCH_ROWS)
}

/// Runs by level: those of level n are merges of [`WAYS`] runs of level n - 1, and older than all of
/// the levels below.
#[derive(Default)]
pub struct Runs {
    levels: Vec<Vec<SpilledRows>>,
    disk_bytes: u64,
}

impl Runs {
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Bytes written, those of merges too.
    pub fn disk_bytes(&self) -> u64 {
        self.disk_bytes
    }

    /// Takes the newest run in. Its rows have their key as the last column.
    pub fn add(&mut self, cx: &mut Context<'_>, run: SpilledRows) -> Result<()> {
        let mut run = run;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.disk_bytes += run.disk_bytes();
            self.levels[level].push(run);
            if self.levels[level].len() < WAYS {
                break;
            }
            let runs = std::mem::take(&mut self.levels[level]);
            let mut merge = Merge::new(runs)?;
            let mut writer = SpillWriter::default();
            let mut batch = Batch::default();
            while merge.next_with_keys(cx, &mut batch)? {
                writer.append(cx, std::mem::take(&mut batch))?;
            }
            run = writer.finish(cx)?;
        }
        Ok(())
    }

    /// Merges all runs.
    pub fn into_merge(self) -> Result<Merge> {
        Merge::new(self.levels.into_iter().rev().flatten().collect())
    }
}

struct Run {
    reader: SpillReader,
    batch: Batch,
    row: usize,
}

impl Run {
    fn key(&self) -> &[u8] {
        self.batch
            .columns
            .last()
            .map_or(&[], |keys| keys.bytes().get(self.row))
    }
}

/// The rows of several runs in order.
pub struct Merge {
    /// Oldest first.
    runs: Vec<Run>,
    /// A binary heap of runs that have a row left, that with the least key on top.
    heap: Vec<u32>,
}

impl Merge {
    fn new(files: Vec<SpilledRows>) -> Result<Self> {
        let mut runs = Vec::with_capacity(files.len());
        for file in files {
            let mut run = Run {
                reader: file.into_reader(),
                batch: Batch::default(),
                row: 0,
            };
            if run.reader.read(&mut run.batch)? {
                runs.push(run);
            }
        }
        let mut merge = Self {
            heap: (0..runs.len() as u32).collect(),
            runs,
        };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift_down(at);
        }
        Ok(merge)
    }

    fn is_before(&self, a: u32, b: u32) -> bool {
        let (x, y) = (&self.runs[a as usize], &self.runs[b as usize]);
        x.key().cmp(y.key()).then(a.cmp(&b)).is_lt()
    }

    fn sift_down(&mut self, mut at: usize) {
        loop {
            let mut least = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.heap.len() && self.is_before(self.heap[child], self.heap[least]) {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.heap.swap(at, least);
            at = least;
        }
    }

    /// The next rows, with their keys.
    fn next_with_keys(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        cx.poll()?;
        let Some(top) = self.heap.first() else {
            out.clear();
            return Ok(false);
        };
        let shape = &self.runs[*top as usize].batch.columns;
        let empty = |column: &Vector| Vector::with_capacity(column.physical(), BATCH_ROWS);
        *out = Batch {
            columns: shape.iter().map(empty).collect(),
            len: 0,
        };
        let mut room = BATCH_BYTES;
        while out.len < BATCH_ROWS && room > 0 {
            let Some(top) = self.heap.first() else { break };
            let run = &mut self.runs[*top as usize];
            for (column, from) in out.columns.iter_mut().zip(&run.batch.columns) {
                column.append_from(from, run.row);
            }
            out.len += 1;
            room = room.saturating_sub(run.key().len() + run.batch.memory_bytes() / run.batch.len);
            run.row += 1;
            if run.row == run.batch.len {
                run.row = 0;
                if !run.reader.read(&mut run.batch)? {
                    self.heap.swap_remove(0);
                }
            }
            self.sift_down(0);
        }
        Ok(true)
    }

    /// Replaces `out` by the next rows; false at the end.
    pub fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let found = self.next_with_keys(cx, out)?;
        out.columns.pop();
        Ok(found)
    }
}
