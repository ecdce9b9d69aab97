//! Parts of the pool that have slots of their own.

use common::{Result, bail, sqlstate};

use super::inner::Inner;
use super::wait_list::Line;

/// What a partition is and whom it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionOptions {
    pub name: String,
    /// Slots that are kept for it, and at most in use by it.
    pub min_size: u32,
    pub max_size: u32,
    /// How many of its clients may wait.
    pub max_wait_queue_size: u32,
    /// It may use more than `max_size` while nobody else wants what is idle.
    pub may_borrow: bool,
    /// Others may use what is kept for it while none of its clients waits.
    pub lends: bool,
}

impl PartitionOptions {
    /// The one that everybody has who has no other: it takes what there is.
    pub fn rest() -> Self {
        Self {
            name: "default".to_owned(),
            min_size: 0,
            max_size: u32::MAX,
            max_wait_queue_size: u32::MAX,
            may_borrow: false,
            lends: true,
        }
    }
}

/// Counts of a partition since the pool was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub granted: u64,
    pub waited: u64,
    pub refused: u64,
    pub timed_out: u64,
    pub borrowed: u64,
    /// Slots it had at most, and waiters.
    pub active_max: u32,
    pub waiting_max: u32,
}

pub struct Partition {
    pub options: PartitionOptions,
    pub active: u32,
    pub line: Line,
    pub counts: Counts,
    /// No longer among the partitions; who is in it still may stay.
    pub is_dropped: bool,
    /// Tells it from those that had its place before.
    generation: u32,
}

/// The most partitions that there may be, those that were dropped while in use included.
const PARTITIONS_MAX: usize = 1000;
/// A partition's number is its place and its generation.
const PLACES: u32 = 1024;

impl Partition {
    pub fn new(options: PartitionOptions) -> Self {
        Self {
            options,
            active: 0,
            line: Line::default(),
            counts: Counts::default(),
            is_dropped: false,
            generation: 0,
        }
    }

    /// Slots that others must leave to it.
    pub fn kept(&self) -> u32 {
        if self.is_dropped || (self.options.lends && self.line.is_empty()) {
            return 0;
        }
        self.options.min_size.saturating_sub(self.active)
    }
}

impl Inner {
    /// The place of a partition by its number; the rest's where it is dropped.
    pub fn partition_at(&self, number: u32) -> u32 {
        let at = number % PLACES;
        let known = self.partitions.get(at as usize);
        let is_it = known.is_some_and(|of| !of.is_dropped && of.generation == number / PLACES);
        if is_it { at } else { 0 }
    }

    fn place_named(&self, name: &str) -> Option<usize> {
        let mut known = self.partitions.iter();
        known.position(|of| !of.is_dropped && of.options.name == name)
    }

    fn number(&self, at: usize) -> u32 {
        self.partitions[at].generation * PLACES + at as u32
    }

    pub fn partition_named(&self, name: &str) -> Option<u32> {
        self.place_named(name).map(|at| self.number(at))
    }

    /// Makes a partition, or changes the one of that name; gives its number. 22023 where partitions would
    /// keep more slots for themselves than there are, 53400 where there are too many.
    pub fn set_partition(&mut self, options: PartitionOptions) -> Result<u32> {
        self.check_kept(&options)?;
        let at = match self.place_named(&options.name) {
            Some(at) => {
                self.partitions[at].options = options;
                at
            }
            None => self.add_partition(options)?,
        };
        Ok(self.number(at))
    }

    fn check_kept(&self, options: &PartitionOptions) -> Result<()> {
        let others = self.partitions.iter();
        let others = others.filter(|of| !of.is_dropped && of.options.name != options.name);
        let kept: u32 = others.map(|of| of.options.min_size).sum();
        let all = kept.saturating_add(options.min_size);
        if all > self.options.max_size {
            bail!(
                sqlstate::INVALID_PARAMETER_VALUE,
                "the partitions would keep {all} slots of pool.max_size ({})",
                self.options.max_size
            );
        }
        Ok(())
    }

    fn add_partition(&mut self, options: PartitionOptions) -> Result<usize> {
        let mut partition = Partition::new(options);
        let unused = |of: &Partition| of.is_dropped && of.active == 0 && of.line.is_empty();
        if let Some(at) = self.partitions.iter().position(unused) {
            partition.generation = (self.partitions[at].generation + 1) % (u32::MAX / PLACES);
            self.partitions[at] = partition;
            return Ok(at);
        }
        if self.partitions.len() >= PARTITIONS_MAX {
            bail!(
                sqlstate::CONFIGURATION_LIMIT_EXCEEDED,
                "there may be at most {PARTITIONS_MAX} partitions"
            );
        }
        self.partitions.push(partition);
        Ok(self.partitions.len() - 1)
    }

    /// False where there is none of the name, or it is the rest.
    pub fn drop_partition(&mut self, name: &str) -> bool {
        match self.place_named(name) {
            None | Some(0) => false,
            Some(at) => {
                self.partitions[at].is_dropped = true;
                true
            }
        }
    }
}
