//! Replaces a CTE that is read once by its definition, as PostgreSQL 12 and later do.

use hashbrown::HashMap;

use super::each_plan_mut;
use crate::ir::{CteDef, CteId, CteScan, Expr, Plan, Project, Query};
use crate::planner::properties::{is_pure, writes};

/// Inlines or drops what may be. A definition that writes, locks, recurses, is volatile, is read
/// twice or says MATERIALIZED stays.
pub fn inline_ctes(query: &mut Query) {
    let mut counts: HashMap<CteId, usize> = HashMap::new();
    each_plan_mut(&mut query.root, &mut |node| {
        if let Plan::CteScan(scan) = node {
            *counts.entry(scan.cte).or_default() += 1;
        }
    });
    let mut moved: HashMap<CteId, CteDef> = HashMap::new();
    let columns = &query.columns;
    each_plan_mut(&mut query.root, &mut |node| {
        if let Plan::With(with) = node {
            let (inline, stay) = std::mem::take(&mut with.ctes)
                .into_iter()
                .partition(|cte| may_move(cte, counts.get(&cte.id).copied().unwrap_or(0)));
            with.ctes = stay;
            let inline: Vec<CteDef> = inline;
            moved.extend(inline.into_iter().map(|cte| (cte.id, cte)));
            if with.ctes.is_empty() {
                let body = std::mem::replace(&mut with.body, Plan::OneRow);
                *node = body;
            }
        }
        // The walk goes on below what is put in place here, so chains of CTEs resolve too.
        if let Plan::CteScan(scan) = node
            && let Some(definition) = moved.remove(&scan.cte)
        {
            *node = replace(scan, definition, columns);
        }
    });
}

fn may_move(cte: &CteDef, references: usize) -> bool {
    let plain = !matches!(cte.plan, Plan::RecursiveUnion(_)) && !writes(&cte.plan);
    match references {
        0 => plain,
        1 => plain && cte.materialized != Some(true) && is_pure(&cte.plan),
        _ => false,
    }
}

fn replace(scan: &CteScan, definition: CteDef, columns: &crate::ir::ColumnTable) -> Plan {
    let project = |(id, position): &(_, u16)| {
        let source = definition.columns[*position as usize];
        (*id, Expr::column(source, columns.get(source).ty))
    };
    Plan::Project(Box::new(Project {
        columns: scan.columns.iter().map(project).collect(),
        input: definition.plan,
        set_returning: Vec::new(),
    }))
}
