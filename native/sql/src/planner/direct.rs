//! Recognises statements that a dedicated executor runs: one index, no sort, no aggregate.

use super::physical::{
    CteNode, IndexScanNode, KeySource, Node, NodeKind, ProjectNode, Scalar, SubplanDef, UpdateNode,
};
use crate::ir::OutputColumn;
use std::sync::Arc;

/// A statement with a short way; see [`crate::executor::direct`].
#[derive(Clone, Debug)]
pub enum DirectPlan {
    /// Reads by an index and gives these columns of the scan, in order.
    Select {
        scan: Arc<IndexScanNode>,
        columns: Vec<usize>,
    },
    /// Changes the one row of a unique key; no rule of the table looks at the assigned columns.
    Update {
        scan: Arc<IndexScanNode>,
        update: Arc<UpdateNode>,
    },
}

/// The direct form of a plan, if it has one.
pub fn recognise(
    root: &Node,
    output: &[(OutputColumn, usize)],
    subplans: &[Option<SubplanDef>],
    ctes: &[Option<CteNode>],
) -> Option<DirectPlan> {
    if !subplans.is_empty() || !ctes.is_empty() {
        return None;
    }
    match &root.kind {
        NodeKind::IndexScan(scan) => {
            let columns = output.iter().map(|(_, position)| *position).collect();
            select(scan, columns)
        }
        NodeKind::Project(project) => {
            let NodeKind::IndexScan(scan) = &project.input.kind else {
                return None;
            };
            let columns = plain_columns(project)?;
            select(
                scan,
                output
                    .iter()
                    .map(|(_, position)| columns[*position])
                    .collect(),
            )
        }
        NodeKind::Update(update) => {
            let NodeKind::IndexScan(scan) = &update.source.kind else {
                return None;
            };
            let rules = &update.rules;
            let assigned = |columns: &[u16]| {
                update
                    .assignments
                    .iter()
                    .any(|(position, _)| columns.contains(position))
            };
            let free = rules.generated.is_empty()
                && rules.checks.is_empty()
                // What is checked at the end of the statement needs the general executor.
                && !rules.rules.indexes.iter().any(|rule| rule.index.deferrable)
                && !rules
                    .rules
                    .foreign_keys
                    .iter()
                    .any(|key| assigned(&key.child_columns))
                && !rules
                    .rules
                    .referenced_by
                    .iter()
                    .any(|key| assigned(&key.parent_columns));
            let fits = scan.unique && scan.filter.is_none() && is_simple(scan);
            let found = free && fits && update.returning.is_empty();
            found.then(|| DirectPlan::Update {
                scan: scan.clone(),
                update: update.clone(),
            })
        }
        _ => None,
    }
}

fn select(scan: &Arc<IndexScanNode>, columns: Vec<usize>) -> Option<DirectPlan> {
    let fits = is_simple(scan) && scan.filter.is_none() && scan.system.is_empty();
    fits.then(|| DirectPlan::Select {
        scan: scan.clone(),
        columns,
    })
}

/// The bounds are parameters and constants.
fn is_simple(scan: &IndexScanNode) -> bool {
    let value = |scalar: &Scalar| matches!(scalar, Scalar::Const { .. } | Scalar::Param { .. });
    let key = |key: &KeySource| matches!(key, KeySource::Equal(scalar) if value(scalar));
    let range = &scan.range;
    range.prefix.iter().all(key)
        && [&range.lower, &range.upper]
            .into_iter()
            .flatten()
            .all(|bound| bound.values.iter().all(value))
}

fn plain_columns(project: &ProjectNode) -> Option<Vec<usize>> {
    if !project.sets.is_empty() {
        return None;
    }
    let position = |scalar: &Scalar| match scalar {
        Scalar::Column { position, .. } => Some(*position),
        _ => None,
    };
    project.columns.iter().map(position).collect()
}
