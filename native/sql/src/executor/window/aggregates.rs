//! Aggregates over frames.

use common::Result;
use functions::{AggregateDef, AggregateStates, EvalContext};
use types::{SqlType, Vector};

use super::frame::Frames;
use super::operator::CallColumns;
use super::partition::{POLL_ROWS, Partition};
use crate::executor::context::Context;
use crate::planner::physical::{Scalar, WindowNode, WindowSpec};

/// Rows fed to the states at a time where every row has a state of its own.
const FEED: usize = 16 * 1024;

/// Appends the aggregate of each row's frame.
pub fn compute(
    def: &'static AggregateDef,
    spec: &WindowSpec,
    call: &CallColumns,
    node: &WindowNode,
    partition: &Partition<'_>,
    cx: &Context<'_>,
    out: &mut Vector,
) -> Result<()> {
    let types: Vec<SqlType> = spec.args.iter().map(Scalar::ty).collect();
    let context = EvalContext {
        text: cx.text,
        args: &types,
        ret: spec.ty,
    };
    let frames = Frames::new(partition, spec, call, node, cx)?;
    // Rows that count at all: FILTER, and strictness.
    let counts = |row: usize| {
        let passes = call
            .filter
            .as_ref()
            .is_none_or(|f| f.get(row).as_bool() == Some(true));
        passes && !(def.strict && call.args.iter().any(|arg| arg.is_null(row)))
    };
    if frames.grows() {
        growing(def, &context, call, partition, &frames, &counts, cx, out)
    } else {
        sliding(def, &context, call, partition, &frames, &counts, cx, out)
    }
}

/// One state that takes in rows as the frame's end moves on.
#[expect(
    clippy::too_many_arguments,
    reason = "one half of `compute`, split for length"
)]
fn growing(
    def: &'static AggregateDef,
    context: &EvalContext<'_>,
    call: &CallColumns,
    partition: &Partition<'_>,
    frames: &Frames<'_>,
    counts: &dyn Fn(usize) -> bool,
    cx: &Context<'_>,
    out: &mut Vector,
) -> Result<()> {
    let mut states = (def.start)(context);
    states.resize(1);
    let mut end = partition.rows.start;
    let mut last = None;
    for row in partition.rows.clone() {
        if row.is_multiple_of(POLL_ROWS) {
            cx.poll()?;
        }
        let wanted = frames.whole(row).end;
        if wanted > end || last.is_none() {
            while end < wanted {
                cx.poll()?;
                let to = wanted.min(end + FEED);
                let rows: Vec<u32> = (end..to).filter(|r| counts(*r)).map(|r| r as u32).collect();
                states.update(context, &call.args, &rows, &vec![0; rows.len()])?;
                end = to;
            }
            last = Some(states.finish(context, 0)?);
        }
        out.push(
            last.as_ref()
                .map_or(types::DatumRef::Null, |value| value.as_ref()),
        );
    }
    Ok(())
}

/// A state for each row, some rows at a time.
#[expect(
    clippy::too_many_arguments,
    reason = "one half of `compute`, split for length"
)]
fn sliding(
    def: &'static AggregateDef,
    context: &EvalContext<'_>,
    call: &CallColumns,
    partition: &Partition<'_>,
    frames: &Frames<'_>,
    counts: &dyn Fn(usize) -> bool,
    cx: &Context<'_>,
    out: &mut Vector,
) -> Result<()> {
    let mut row = partition.rows.start;
    while row < partition.rows.end {
        cx.poll()?;
        let mut states: Box<dyn AggregateStates> = (def.start)(context);
        let (mut rows, mut groups) = (Vec::new(), Vec::new());
        let first = row;
        while row < partition.rows.end && rows.len() < FEED {
            let group = (row - first) as u32;
            for at in frames
                .parts(row)
                .into_iter()
                .flatten()
                .filter(|at| counts(*at))
            {
                rows.push(at as u32);
                groups.push(group);
            }
            row += 1;
        }
        states.resize(row - first);
        states.update(context, &call.args, &rows, &groups)?;
        for group in 0..(row - first) as u32 {
            out.push(states.finish(context, group)?.as_ref());
        }
    }
    Ok(())
}
