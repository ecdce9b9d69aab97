//! One aggregate call of one grouping set: which rows reach its states, and in which order.

use common::Result;
use functions::{AggregateStates, EvalContext};
use types::{Batch, Datum, TextContext, Vector};

use crate::executor::context::Context;
use crate::executor::eval::{Decimals, eval};
use crate::executor::key_table::{KeyTable, Slot};
use crate::executor::keys::{KeyMaker, Keys};
use crate::executor::rows::Rows;
use crate::planner::physical::AggregateSpec;
use crate::sample_sort::sample_sort;

/// The states of all groups.
pub struct CallState {
    states: Box<dyn AggregateStates>,
    /// For DISTINCT: group and argument values that were taken.
    seen: Option<KeyTable>,
    /// For ORDER BY: rows kept until the end.
    sorted: Option<Sorted>,
    held_bytes: usize,
}

#[derive(Default)]
struct Sorted {
    rows: Rows,
    groups: Vec<u32>,
    keys: Vec<Keys>,
}

/// Row numbers of a whole batch.
static IDENTITY: [u32; types::BATCH_ROWS] = {
    let mut rows = [0; types::BATCH_ROWS];
    let mut at = 0;
    while at < rows.len() {
        rows[at] = at as u32;
        at += 1;
    }
    rows
};

/// The arguments of one call over one batch, computed once for all grouping sets.
pub struct CallInput {
    args: Vec<Vector>,
    /// Rows that take part: FILTER is true, and no argument of a strict aggregate is null.
    rows: Option<Vec<u32>>,
    keys: Option<Keys>,
    distinct: Option<Keys>,
}

/// The surroundings of an aggregate's functions.
pub fn context<'a>(spec: &'a AggregateSpec, text: &'a TextContext) -> EvalContext<'a> {
    EvalContext {
        text,
        args: &spec.arg_types,
        ret: spec.ty,
    }
}

impl CallInput {
    /// Computes arguments, filter and order.
    pub fn new(
        spec: &AggregateSpec,
        order: Option<&KeyMaker>,
        distinct: Option<&KeyMaker>,
        cx: &mut Context<'_>,
        batch: &Batch,
    ) -> Result<Self> {
        // What FILTER leaves out must not be evaluated.
        let mut rows = None;
        let filtered;
        let mut source = batch;
        if let Some(filter) = &spec.filter {
            use crate::executor::filter::{Selection, selected};
            let verdict = eval(filter, cx, batch)?;
            let kept = match selected(&verdict) {
                Selection::All => None,
                Selection::None => Some(Vec::new()),
                Selection::Some(kept) => Some(kept),
            };
            drop(verdict);
            if let Some(kept) = kept {
                filtered = batch.gather(&kept);
                source = &filtered;
                rows = Some(kept);
            }
        }
        let mut args = Vec::with_capacity(spec.args.len());
        for arg in &spec.args {
            args.push(eval(arg, cx, source)?.into_owned());
        }
        if spec.function.direct_args.is_some() {
            for key in &spec.order_by {
                args.push(eval(&key.key, cx, source)?.into_owned());
            }
        }
        let mut input = Self {
            keys: order.map(|maker| maker.keys(cx, source)).transpose()?,
            distinct: distinct.map(|maker| maker.keys(cx, source)).transpose()?,
            rows: None,
            args,
        };
        input.select(spec, rows, batch.len, source.len);
        Ok(input)
    }

    /// From here on `rows[i]` of the batch is row `i` of the arguments.
    fn select(
        &mut self,
        spec: &AggregateSpec,
        rows: Option<Vec<u32>>,
        batch_len: usize,
        args_len: usize,
    ) {
        debug_assert!(rows.as_ref().map_or(batch_len, Vec::len) == args_len);
        self.rows = rows;
        if !spec.function.strict {
            return;
        }
        let nulls = |row: usize| self.args.iter().any(|arg| arg.is_null(row));
        if !self.args.iter().any(Vector::has_nulls) {
            return;
        }
        let kept: Vec<u32> = (0..args_len as u32)
            .filter(|row| !nulls(*row as usize))
            .collect();
        self.args = self.args.iter().map(|arg| arg.gather(&kept)).collect();
        self.keys = self.keys.take().map(|keys| keys.gather(&kept));
        self.distinct = self.distinct.take().map(|keys| keys.gather(&kept));
        self.rows = Some(match &self.rows {
            Some(rows) => kept.iter().map(|at| rows[*at as usize]).collect(),
            None => kept,
        });
    }

    fn len(&self, batch_len: usize) -> usize {
        self.rows.as_ref().map_or(batch_len, Vec::len)
    }

    /// The batch row of argument row `at`.
    fn batch_row(&self, at: usize) -> usize {
        self.rows.as_ref().map_or(at, |rows| rows[at] as usize)
    }
}

impl CallState {
    pub fn new(spec: &AggregateSpec, text: &TextContext) -> Self {
        let context = context(spec, text);
        let ordered = !spec.order_by.is_empty();
        Self {
            states: (spec.function.start)(&context),
            seen: spec.distinct.then(KeyTable::default),
            sorted: ordered.then(Sorted::default),
            held_bytes: 0,
        }
    }

    /// Takes a batch in; `groups` has the group of each of its rows, of `count` groups so far.
    pub fn update(
        &mut self,
        spec: &AggregateSpec,
        cx: &mut Context<'_>,
        input: &CallInput,
        groups: &[u32],
        count: usize,
    ) -> Result<()> {
        self.states.resize(count);
        let len = input.len(groups.len());
        if self.seen.is_none()
            && self.sorted.is_none()
            && input.rows.is_none()
            && let Some(rows) = IDENTITY.get(..len)
        {
            let text = cx.text;
            let context = context(spec, text);
            self.states.update(&context, &input.args, rows, groups)?;
            return self.account(cx);
        }
        let mut rows: Vec<u32> = Vec::with_capacity(len);
        let mut targets: Vec<u32> = Vec::with_capacity(len);
        let mut key = Vec::new();
        if let Some(seen) = &mut self.seen {
            seen.reserve(len, &|| cx.poll())?;
        }
        for at in 0..len {
            let group = groups[input.batch_row(at)];
            if let (Some(seen), Some(values)) = (&mut self.seen, &input.distinct) {
                key.clear();
                key.extend_from_slice(&group.to_be_bytes());
                key.extend_from_slice(values.get(at));
                if let Slot::Old(_) = seen.insert(&key)? {
                    continue;
                }
            }
            rows.push(at as u32);
            targets.push(group);
        }
        if let Some(seen) = &mut self.seen {
            seen.account(cx)?;
        }
        if let (Some(sorted), Some(keys)) = (&mut self.sorted, &input.keys) {
            let args = Batch {
                columns: input.args.clone(),
                len,
            };
            let kept = if rows.len() == len {
                args
            } else {
                args.gather(&rows)
            };
            sorted.keys.push(if rows.len() == len {
                keys.clone()
            } else {
                keys.gather(&rows)
            });
            sorted.groups.extend_from_slice(&targets);
            cx.charge(targets.len() * 4 + keys.memory_bytes())?;
            return sorted.rows.append(cx, kept);
        }
        let text = cx.text;
        let context = context(spec, text);
        self.states.update(&context, &input.args, &rows, &targets)?;
        self.account(cx)
    }

    /// Takes decimals in as [`CallState::update`] does, all into group 0 without `groups`; false if
    /// the aggregate does not know them.
    pub fn update_decimals(
        &mut self,
        cx: &mut Context<'_>,
        values: &Decimals,
        groups: Option<&[u32]>,
        len: usize,
        count: usize,
    ) -> Result<bool> {
        self.states.resize(count);
        let coefs = values.coefs(len);
        let taken = self
            .states
            .update_decimals(&coefs, values.scale(), groups)?;
        self.account(cx)?;
        Ok(taken)
    }

    fn account(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let now = self.states.memory_bytes();
        if now > self.held_bytes {
            cx.charge(now - self.held_bytes)?;
            self.held_bytes = now;
        }
        Ok(())
    }

    /// Takes all rows of a batch into group 0, if nothing has to be left out or ordered.
    pub fn update_all(
        &mut self,
        spec: &AggregateSpec,
        cx: &mut Context<'_>,
        input: &CallInput,
        len: usize,
    ) -> Result<bool> {
        if self.seen.is_some() || self.sorted.is_some() {
            return Ok(false);
        }
        self.states.resize(1);
        let text = cx.text;
        self.states
            .update_all(&context(spec, text), &input.args, input.len(len), 0)?;
        self.account(cx)?;
        Ok(true)
    }

    /// Feeds ordered rows; after this every group may be finished.
    pub fn complete(
        &mut self,
        spec: &AggregateSpec,
        cx: &mut Context<'_>,
        count: usize,
    ) -> Result<()> {
        self.states.resize(count);
        let Some(sorted) = &mut self.sorted else {
            return Ok(());
        };
        // (batch of keys, row in it) of each kept row, in order of arrival.
        let places = sorted.keys.iter().enumerate();
        let places: Vec<(u32, u32)> = places
            .flat_map(|(batch, keys)| (0..keys.len()).map(move |row| (batch as u32, row as u32)))
            .collect();
        let mut order: Vec<u32> = (0..places.len() as u32).collect();
        let key = |row: u32| {
            let (batch, at) = places[row as usize];
            sorted.keys[batch as usize].get(at as usize)
        };
        // Of equal keys the row that came first goes first.
        let by_group_and_key = |a: &u32, b: &u32| {
            let groups = (sorted.groups[*a as usize], sorted.groups[*b as usize]);
            groups
                .0
                .cmp(&groups.1)
                .then_with(|| key(*a).cmp(key(*b)))
                .then_with(|| a.cmp(b))
        };
        sample_sort(&mut order, &by_group_and_key, &mut || cx.poll())?;
        let text = cx.text;
        let context = context(spec, text);
        for part in order.chunks(types::BATCH_ROWS) {
            cx.poll()?;
            let args = sorted.rows.gather(part);
            let groups: Vec<u32> = part
                .iter()
                .map(|row| sorted.groups[*row as usize])
                .collect();
            let rows: Vec<u32> = (0..part.len() as u32).collect();
            self.states
                .update(&context, &args.columns, &rows, &groups)?;
        }
        sorted.rows.clear(cx);
        sorted.groups.clear();
        sorted.keys.clear();
        Ok(())
    }

    /// Bytes that were charged for the states.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    pub fn finish(&self, spec: &AggregateSpec, cx: &Context<'_>, group: u32) -> Result<Datum> {
        self.states.finish(&context(spec, cx.text), group)
    }

    /// Gives back what was charged.
    pub fn release(&mut self, cx: &mut Context<'_>) {
        cx.release(std::mem::take(&mut self.held_bytes));
        if let Some(seen) = &mut self.seen {
            seen.clear(cx);
        }
        if let Some(sorted) = &mut self.sorted {
            sorted.rows.clear(cx);
        }
    }
}
