//! Which conditions an index can answer.

use std::collections::BTreeSet;

use catalog::IndexMethod;
use types::{Datum, TypeOid};

use super::properties::is_volatile;
use super::same::same;
use crate::ir::{ColumnId, Comparison, Expr, IndexRule, Quantifier, Scan, columns_of, map_expr};

/// What stands for one key column of the prefix.
#[derive(Clone, Debug)]
pub enum KeyMatch {
    Equal(Expr),
    IsNull,
    AnyOf(Vec<Datum>, types::SqlType),
    AnyArray(Expr),
}

/// Conditions of a scan that one index answers.
#[derive(Clone, Debug, Default)]
pub struct IndexMatch {
    pub prefix: Vec<KeyMatch>,
    pub lower: Option<(Vec<Expr>, bool)>,
    pub upper: Option<(Vec<Expr>, bool)>,
    pub not_null: bool,
    /// Indices of the conditions that need no second look.
    pub used: BTreeSet<usize>,
}

impl IndexMatch {
    pub fn is_empty(&self) -> bool {
        self.prefix.is_empty() && self.lower.is_none() && self.upper.is_none() && !self.not_null
    }

    /// True if at most one row can match.
    pub fn is_unique(&self, rule: &IndexRule) -> bool {
        // A key that is checked later may be there twice until then.
        rule.index.unique
            && !rule.index.deferrable
            && self.prefix.len() == rule.index.keys.len()
            && self
                .prefix
                .iter()
                .all(|key| matches!(key, KeyMatch::Equal(_)))
    }
}

/// Matches `conditions` (conjuncts over the scan's columns, parameters and columns of others) with
/// an index. `mine` are the scan's columns: what mentions them is no key.
pub fn match_index(
    rule: &IndexRule,
    scan: &Scan,
    mine: &BTreeSet<ColumnId>,
    conditions: &[Expr],
) -> IndexMatch {
    let mut found = IndexMatch::default();
    let hash = rule.index.method == IndexMethod::Hash;
    let keys = key_exprs(rule, scan);
    for (at, key) in keys.iter().enumerate() {
        let Some(key) = key else { break };
        match equality(key, rule, at, mine, conditions) {
            Some((index, matched)) => {
                found.prefix.push(matched);
                found.used.insert(index);
            }
            None => {
                if !hash {
                    ranges(&keys[at..], rule, at, mine, conditions, &mut found);
                }
                break;
            }
        }
    }
    if hash && found.prefix.len() < keys.len() {
        return IndexMatch::default();
    }
    found
}

/// The index's key expressions over the scan's columns; `None` where the scan lacks a column.
pub fn key_exprs(rule: &IndexRule, scan: &Scan) -> Vec<Option<Expr>> {
    let place = |expr: &Expr| {
        let mut missing = false;
        let placed = map_expr(expr.clone(), &mut |node| match node {
            Expr::Column { id, ty } => {
                match scan
                    .columns
                    .iter()
                    .find(|(_, position)| u32::from(*position) == id.0)
                {
                    Some((own, _)) => Expr::Column { id: *own, ty },
                    None => {
                        missing = true;
                        Expr::Column { id, ty }
                    }
                }
            }
            other => other,
        });
        (!missing).then_some(placed)
    };
    rule.keys.iter().map(place).collect()
}

/// True if the conditions imply a partial index's predicate: each of its conjuncts is among them.
pub fn predicate_holds(rule: &IndexRule, scan: &Scan, conditions: &[Expr]) -> bool {
    let Some(predicate) = &rule.predicate else {
        return true;
    };
    let stand_in = IndexRule {
        index: rule.index.clone(),
        keys: predicate.clone().conjuncts(),
        predicate: None,
    };
    let implied = |part: &Expr| conditions.iter().any(|c| same(c, part) || implies(c, part));
    key_exprs(&stand_in, scan)
        .iter()
        .all(|part| part.as_ref().is_some_and(implied))
}

/// `x = ...` and other strict comparisons imply `x IS NOT NULL`.
fn implies(condition: &Expr, part: &Expr) -> bool {
    match (condition, part) {
        (Expr::Compare { left, right, .. }, Expr::IsNull { arg, negated: true }) => {
            same(left, arg) || same(right, arg)
        }
        _ => false,
    }
}

/// Takes off casts that do not change how a value is stored and ordered.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast(cast) => {
            let from = cast.arg.ty().oid;
            let text = |oid| matches!(oid, TypeOid::TEXT | TypeOid::VARCHAR);
            let same_type = from == cast.to.oid || (text(from) && text(cast.to.oid));
            if same_type && cast.to.typmod == -1 {
                bare(&cast.arg)
            } else {
                expr
            }
        }
        other => other,
    }
}

fn is_key(expr: &Expr, key: &Expr) -> bool {
    same(bare(expr), bare(key))
}

fn is_value(expr: &Expr, mine: &BTreeSet<ColumnId>) -> bool {
    columns_of(expr).is_disjoint(mine) && !is_volatile(expr)
}

fn collation_fits(rule: &IndexRule, at: usize, collation: crate::ir::Collation) -> bool {
    let key = &rule.index.keys[at];
    key.opclass.is_none() && matches!(collation, crate::ir::Collation::C)
}

/// The side of a comparison that is not the key, with the operator as if the key were on the left.
fn other_side<'a>(
    condition: &'a Expr,
    key: &Expr,
    mine: &BTreeSet<ColumnId>,
) -> Option<(Comparison, std::borrow::Cow<'a, Expr>, crate::ir::Collation)> {
    let Expr::Compare {
        op,
        left,
        right,
        collation,
    } = condition
    else {
        return None;
    };
    let sides = [(*op, left, right), (op.commuted(), right, left)];
    for (op, column, value) in sides {
        if !is_value(value, mine) {
            continue;
        }
        if is_key(column, key) {
            return Some((op, std::borrow::Cow::Borrowed(value), *collation));
        }
        if let Some(narrow) = narrowed(column, key, value) {
            return Some((op, std::borrow::Cow::Owned(narrow), *collation));
        }
    }
    None
}

/// `int4column::int8 = 5::int8` as `int4column = 5`: the constant fits the narrower type.
fn narrowed(column: &Expr, key: &Expr, value: &Expr) -> Option<Expr> {
    let Expr::Cast(cast) = column else {
        return None;
    };
    let Expr::Const { value, .. } = value else {
        return None;
    };
    if !is_key(&cast.arg, key) {
        return None;
    }
    let wide = match value {
        Datum::I64(v) => *v,
        Datum::I32(v) => i64::from(*v),
        _ => return None,
    };
    let ty = cast.arg.ty();
    let value = match (ty.oid, cast.to.oid) {
        (TypeOid::INT2, TypeOid::INT4 | TypeOid::INT8) => Datum::I16(i16::try_from(wide).ok()?),
        (TypeOid::INT4, TypeOid::INT8) => Datum::I32(i32::try_from(wide).ok()?),
        _ => return None,
    };
    Some(Expr::Const { value, ty })
}

fn equality(
    key: &Expr,
    rule: &IndexRule,
    at: usize,
    mine: &BTreeSet<ColumnId>,
    conditions: &[Expr],
) -> Option<(usize, KeyMatch)> {
    let mut best = None;
    for (index, condition) in conditions.iter().enumerate() {
        let matched = match condition {
            Expr::Compare { .. } => match other_side(condition, key, mine) {
                Some((Comparison::Eq, value, collation)) if collation_fits(rule, at, collation) => {
                    return Some((index, KeyMatch::Equal(value.into_owned())));
                }
                _ => None,
            },
            Expr::IsNull {
                arg,
                negated: false,
            } if is_key(arg, key) => Some(KeyMatch::IsNull),
            Expr::InList {
                arg,
                list,
                negated: false,
                collation,
            } if is_key(arg, key) && collation_fits(rule, at, *collation) => {
                Some(KeyMatch::AnyOf(list.clone(), arg.ty()))
            }
            Expr::CompareArray {
                op: Comparison::Eq,
                quantifier: Quantifier::Any,
                arg,
                array,
                collation,
            } if is_key(arg, key)
                && is_value(array, mine)
                && collation_fits(rule, at, *collation) =>
            {
                Some(KeyMatch::AnyArray(array.as_ref().clone()))
            }
            Expr::Column { .. } if is_key(condition, key) => {
                Some(KeyMatch::Equal(Expr::boolean(true)))
            }
            Expr::Not(arg) if is_key(arg, key) => Some(KeyMatch::Equal(Expr::boolean(false))),
            _ => None,
        };
        if let (Some(matched), None) = (matched, &best) {
            best = Some((index, matched));
        }
    }
    best
}

/// Bounds on the first of `keys`, or on several by a row comparison.
fn ranges(
    keys: &[Option<Expr>],
    rule: &IndexRule,
    at: usize,
    mine: &BTreeSet<ColumnId>,
    conditions: &[Expr],
    found: &mut IndexMatch,
) {
    let Some(Some(key)) = keys.first() else {
        return;
    };
    for (index, condition) in conditions.iter().enumerate() {
        let (op, values) = match condition {
            Expr::Compare { .. } => match other_side(condition, key, mine) {
                Some((op, value, collation)) if collation_fits(rule, at, collation) => {
                    (op, vec![value.into_owned()])
                }
                _ => continue,
            },
            Expr::RowCompare {
                op,
                left,
                right,
                collation,
            } => match row_bound(*op, left, right, keys, rule, at, mine, *collation) {
                Some(bound) => bound,
                None => continue,
            },
            Expr::IsNull { arg, negated: true } if is_key(arg, key) => {
                found.not_null = true;
                found.used.insert(index);
                continue;
            }
            _ => continue,
        };
        let (end, inclusive) = match op {
            Comparison::Gt => (&mut found.lower, false),
            Comparison::Ge => (&mut found.lower, true),
            Comparison::Lt => (&mut found.upper, false),
            Comparison::Le => (&mut found.upper, true),
            Comparison::Eq | Comparison::Ne => continue,
        };
        // A second bound at the same end stays a filter.
        if end.is_none() {
            *end = Some((values, inclusive));
            found.used.insert(index);
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one step of `ranges`, split for length"
)]
fn row_bound(
    op: Comparison,
    left: &[Expr],
    right: &[Expr],
    keys: &[Option<Expr>],
    rule: &IndexRule,
    at: usize,
    mine: &BTreeSet<ColumnId>,
    collation: crate::ir::Collation,
) -> Option<(Comparison, Vec<Expr>)> {
    let on_keys = |columns: &[Expr], values: &[Expr]| {
        columns.len() <= keys.len()
            && columns
                .iter()
                .zip(keys)
                .all(|(c, k)| k.as_ref().is_some_and(|k| is_key(c, k)))
            && values.iter().all(|value| is_value(value, mine))
    };
    let direction = rule.index.keys[at].descending;
    let one_way = (0..left.len()).all(|i| {
        let key = rule.index.keys.get(at + i);
        key.is_some_and(|key| key.descending == direction)
            && collation_fits(rule, at + i, collation)
    });
    if !one_way {
        None
    } else if on_keys(left, right) {
        Some((op, right.to_vec()))
    } else if on_keys(right, left) {
        Some((op.commuted(), left.to_vec()))
    } else {
        None
    }
}
