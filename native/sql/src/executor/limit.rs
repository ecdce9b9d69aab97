//! LIMIT, OFFSET and WITH TIES.

use std::sync::Arc;

use common::{Result, err, sqlstate};
use types::{Batch, Datum};

use super::context::Context;
use super::eval::eval_once;
use super::keys::KeyMaker;
use super::operator::{Operator, open};
use crate::planner::physical::{LimitNode, Scalar};

pub struct Limit {
    node: Arc<LimitNode>,
    input: Box<dyn Operator>,
    /// Evaluated at the first row: rows to skip and rows to give.
    state: Option<(u64, u64)>,
    ties: Option<KeyMaker>,
    last_key: Vec<u8>,
}

/// Evaluates LIMIT or OFFSET; null means absent.
pub fn count_of(cx: &mut Context<'_>, scalar: Option<&Scalar>, what: &str) -> Result<Option<u64>> {
    let Some(scalar) = scalar else {
        return Ok(None);
    };
    match eval_once(scalar, cx)? {
        Datum::I64(value) if value >= 0 => Ok(Some(value as u64)),
        Datum::I64(_) => {
            let state = match what {
                "LIMIT" => sqlstate::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE,
                _ => sqlstate::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE,
            };
            Err(err!(state, "{what} must not be negative"))
        }
        _ => Ok(None),
    }
}

impl Limit {
    pub fn new(node: Arc<LimitNode>) -> Self {
        let input = open(&node.input);
        let ties = (!node.ties.is_empty()).then(|| KeyMaker::sort(&node.ties));
        Self {
            node,
            input,
            state: None,
            ties,
            last_key: Vec::new(),
        }
    }

    /// Gives, after the last row, those that are equal to it.
    fn next_ties(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let Some(maker) = &self.ties else {
            out.clear();
            return Ok(false);
        };
        if self.last_key.is_empty() || !self.input.next(cx, out)? {
            out.clear();
            return Ok(false);
        }
        let keys = maker.keys(cx, out)?;
        let same = (0..out.len)
            .take_while(|row| keys.get(*row) == self.last_key)
            .count();
        if same < out.len {
            self.last_key.clear();
            *out = out.slice(0, same);
        }
        Ok(same > 0)
    }
}

impl Operator for Limit {
    fn next(&mut self, cx: &mut Context<'_>, out: &mut Batch) -> Result<bool> {
        let (mut skip, mut left) = match self.state {
            Some(state) => state,
            None => {
                let offset = count_of(cx, self.node.offset.as_ref(), "OFFSET")?;
                let limit = count_of(cx, self.node.limit.as_ref(), "LIMIT")?;
                (offset.unwrap_or(0), limit.unwrap_or(u64::MAX))
            }
        };
        self.state = Some((skip, left));
        if left == 0 {
            return self.next_ties(cx, out);
        }
        while self.input.next(cx, out)? {
            let len = out.len as u64;
            if skip >= len {
                skip -= len;
                self.state = Some((skip, left));
                cx.poll()?;
                continue;
            }
            let take = (len - skip).min(left);
            let end = (skip + take) as usize;
            if take < left {
                left -= take;
            } else {
                left = 0;
                if let Some(maker) = &self.ties {
                    let keys = maker.keys(cx, out)?;
                    let last = keys.get(end - 1);
                    let same = (end..out.len)
                        .take_while(|row| keys.get(*row) == last)
                        .count();
                    // More may be equal in the next batch only if all the rest of this one is.
                    self.last_key.clear();
                    if end + same == out.len {
                        self.last_key.extend_from_slice(last);
                    }
                    *out = out.slice(skip as usize, end + same - skip as usize);
                    self.state = Some((0, 0));
                    return Ok(true);
                }
            }
            if take < len {
                *out = out.slice(skip as usize, take as usize);
            }
            self.state = Some((0, left));
            return Ok(true);
        }
        Ok(false)
    }

    fn restart(&mut self, cx: &mut Context<'_>) -> Result<()> {
        self.state = None;
        self.last_key.clear();
        self.input.restart(cx)
    }
}
