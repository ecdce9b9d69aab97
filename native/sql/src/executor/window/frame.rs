//! The rows of each row's frame.

use std::ops::Range;

use common::Result;

use super::bounds::RangeBounds;
use super::operator::CallColumns;
use super::partition::Partition;
use crate::executor::context::Context;
use crate::ir::{FrameBound, FrameExclusion, FrameUnit};
use crate::planner::physical::{WindowNode, WindowSpec};

/// Frames of one call within one partition.
pub struct Frames<'p> {
    partition: &'p Partition<'p>,
    spec: &'p WindowSpec,
    start: i64,
    end: i64,
    start_range: Option<RangeBounds>,
    end_range: Option<RangeBounds>,
}

impl<'p> Frames<'p> {
    pub fn new(
        partition: &'p Partition<'p>,
        spec: &'p WindowSpec,
        call: &CallColumns,
        node: &WindowNode,
        cx: &Context<'_>,
    ) -> Result<Self> {
        let range = |bound: &FrameBound, offset: &types::Datum| match bound {
            FrameBound::Preceding(expr) | FrameBound::Following(expr)
                if spec.frame.unit == FrameUnit::Range =>
            {
                let preceding = matches!(bound, FrameBound::Preceding(_));
                let Some(order) = node.order_by.first() else {
                    return Ok(None);
                };
                RangeBounds::new(partition, order, offset, expr.ty(), preceding, cx).map(Some)
            }
            _ => Ok::<_, common::Error>(None),
        };
        Ok(Self {
            partition,
            spec,
            start: call.start_offset.as_ref().as_i64().unwrap_or(0),
            end: call.end_offset.as_ref().as_i64().unwrap_or(0),
            start_range: range(&spec.frame.start, &call.start_offset)?,
            end_range: range(&spec.frame.end, &call.end_offset)?,
        })
    }

    /// The frame before exclusion.
    pub fn whole(&self, row: usize) -> Range<usize> {
        let start = self.bound(row, &self.spec.frame.start, true);
        let end = self.bound(row, &self.spec.frame.end, false);
        start..end.max(start)
    }

    fn bound(&self, row: usize, bound: &FrameBound, start: bool) -> usize {
        let partition = self.partition;
        let rows = &partition.rows;
        let (offset, range) = match start {
            true => (self.start, &self.start_range),
            false => (self.end, &self.end_range),
        };
        let signed = match bound {
            FrameBound::UnboundedPreceding => return rows.start,
            FrameBound::UnboundedFollowing => return rows.end,
            FrameBound::CurrentRow => 0,
            FrameBound::Preceding(_) => -offset,
            FrameBound::Following(_) => offset,
        };
        let current = matches!(bound, FrameBound::CurrentRow);
        match self.spec.frame.unit {
            FrameUnit::Rows => {
                let at = (row as i64).saturating_add(signed);
                let at = at.saturating_add(i64::from(!start));
                at.clamp(rows.start as i64, rows.end as i64) as usize
            }
            FrameUnit::Groups => {
                let group = (partition.group(row) as i64).saturating_add(signed);
                let found = partition.group_rows(group);
                if start { found.start } else { found.end }
            }
            FrameUnit::Range => {
                let peers = partition.peers(row);
                let null = partition
                    .order_value
                    .is_some_and(|values| values.is_null(row));
                match range {
                    Some(range) if !current && !null => range.search(partition, row, !start),
                    _ if start => peers.start,
                    _ => peers.end,
                }
            }
        }
    }

    /// The frame's rows after exclusion, ascending.
    pub fn parts(&self, row: usize) -> [Range<usize>; 3] {
        let whole = self.whole(row);
        let none = whole.end..whole.end;
        let cut = |gap: Range<usize>| {
            let first = whole.start..gap.start.clamp(whole.start, whole.end);
            let second = gap.end.clamp(whole.start, whole.end)..whole.end;
            (first, second)
        };
        match self.spec.frame.exclusion {
            FrameExclusion::NoOthers => [whole, none.clone(), none],
            FrameExclusion::CurrentRow => {
                let (first, second) = cut(row..row + 1);
                [first, second, none]
            }
            FrameExclusion::Group => {
                let (first, second) = cut(self.partition.peers(row));
                [first, second, none]
            }
            FrameExclusion::Ties => {
                let (first, second) = cut(self.partition.peers(row));
                let own = if whole.contains(&row) {
                    row..row + 1
                } else {
                    none
                };
                [first, own, second]
            }
        }
    }

    /// True if frames only ever grow from the partition's start: one state serves all rows.
    pub fn grows(&self) -> bool {
        matches!(self.spec.frame.start, FrameBound::UnboundedPreceding)
            && self.spec.frame.exclusion == FrameExclusion::NoOthers
    }
}
