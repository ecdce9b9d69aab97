//! Which columns tell the rows of a plan apart.

use std::collections::BTreeSet;

use super::Planner;
use crate::ir::{ColumnId, Comparison, Expr, Join, JoinKind, Plan, Scan, columns_of, produced};

type Columns = BTreeSet<ColumnId>;

impl Planner<'_> {
    /// True if no two rows of the plan have the same values, none null, in `columns`.
    fn is_unique(&self, plan: &Plan, columns: &Columns) -> bool {
        match plan {
            Plan::Scan(scan) => self.has_unique_index(scan, columns),
            Plan::Filter(filter) => self.is_unique(&filter.input, columns),
            Plan::Sort(sort) => self.is_unique(&sort.input, columns),
            Plan::Limit(limit) => self.is_unique(&limit.input, columns),
            Plan::Project(project) if project.set_returning.is_empty() => {
                let below = project
                    .columns
                    .iter()
                    .filter(|(id, _)| columns.contains(id));
                let below: Columns = below.filter_map(|(_, expr)| expr.as_column()).collect();
                self.is_unique(&project.input, &below)
            }
            Plan::Aggregate(aggregate) => {
                aggregate.sets.is_none()
                    && aggregate.keys.iter().all(|(id, _)| columns.contains(id))
            }
            Plan::Distinct(distinct) => {
                distinct.on.is_empty() && distinct.columns.iter().all(|id| columns.contains(id))
            }
            Plan::Join(join) if matches!(join.kind, JoinKind::Semi | JoinKind::Anti) => {
                self.is_unique(&join.left, columns)
            }
            _ => false,
        }
    }

    fn has_unique_index(&self, scan: &Scan, columns: &Columns) -> bool {
        let Ok(rules) = self.context.rules(scan.table.oid) else {
            return false;
        };
        let given = |attnum: i16| {
            let mine = scan.columns.iter();
            let mut mine = mine.filter(|(_, position)| *position as i16 + 1 == attnum);
            attnum > 0 && mine.any(|(id, _)| columns.contains(id))
        };
        rules.indexes.iter().any(|rule| {
            rule.index.unique
                && rule.index.valid
                && !rule.index.deferrable
                && rule.predicate.is_none()
                && rule.index.keys.iter().all(|key| given(key.attnum))
        })
    }

    /// True if a left row of the semi join has at most one match: it could be an inner join.
    pub(super) fn has_one_match(&self, join: &Join) -> bool {
        let right: Columns = produced(&join.right).into_iter().collect();
        let mut equal = Columns::new();
        for condition in join.condition.clone().conjuncts() {
            let Expr::Compare {
                op: Comparison::Eq,
                left: a,
                right: b,
                ..
            } = &condition
            else {
                continue;
            };
            for (one, other) in [(a, b), (b, a)] {
                if let Some(id) = one.as_column()
                    && right.contains(&id)
                    && columns_of(other).is_disjoint(&right)
                {
                    equal.insert(id);
                }
            }
        }
        !equal.is_empty() && self.is_unique(&join.right, &equal)
    }
}
