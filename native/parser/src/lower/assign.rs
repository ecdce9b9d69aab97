//! The columns that INSERT and UPDATE write.

use common::Result;
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes};

use super::{Lower, at, text, unexpected};
use crate::ast::{AssignTarget, Assignment};

impl Lower<'_> {
    pub(super) fn assign_target(&mut self, node: &nodes::ResTarget) -> Result<AssignTarget> {
        Ok(AssignTarget {
            column: text(node.name()),
            path: self.path(node.indirection())?,
            location: at(node.location),
        })
    }

    pub(super) fn assign_targets(&mut self, list: &NodeList) -> Result<Vec<AssignTarget>> {
        let mut targets = Vec::with_capacity(list.len());
        for target in list {
            let Node::ResTarget(target) = target else {
                return Err(unexpected("column"));
            };
            targets.push(self.assign_target(target)?);
        }
        Ok(targets)
    }

    /// The items of SET. `(a, b) = source` comes as one item a column, each with the same source.
    pub(super) fn assignments(&mut self, list: &NodeList) -> Result<Vec<Assignment>> {
        let mut assignments = Vec::with_capacity(list.len());
        for item in list {
            let Node::ResTarget(item) = item else {
                return Err(unexpected("assignment"));
            };
            let target = self.assign_target(item)?;
            match item.val() {
                Node::MultiAssignRef(part) if part.colno > 1 => match assignments.last_mut() {
                    Some(Assignment::Multiple { targets, .. }) => targets.push(target),
                    _ => return Err(unexpected("assignment")),
                },
                Node::MultiAssignRef(part) => {
                    let source = self.expr(part.source())?;
                    assignments.push(Assignment::Multiple {
                        targets: vec![target],
                        source,
                    });
                }
                value => {
                    let value = self.expr(value)?;
                    assignments.push(Assignment::Single { target, value });
                }
            }
        }
        Ok(assignments)
    }
}
