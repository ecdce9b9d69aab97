//! INSERT, UPDATE, DELETE, and the row ids that a re-evaluation needs.

use std::sync::Arc;

use common::{Result, err, sqlstate};

use super::estimate::CPU_ROW;
use super::physical::*;
use super::{Layout, Planner, positions_of};
use crate::ir::{
    Assignment, ColumnId, ConflictAction, Delete, Expr, Insert, JoinKind, OnConflict, Plan, Scan,
    SystemColumn, TableRules, Update,
};

/// 0A000 for row locks on the side of an outer join whose rows may be missing. Outer joins that
/// conditions above make inner ones are inner ones by now.
pub(super) fn check_locks(plan: &Plan) -> Result<()> {
    if let Plan::LockRows(lock) = plan {
        let mut nullable = Vec::new();
        collect_nullable(&lock.input, false, &mut nullable);
        let mut targets = lock.targets.iter();
        if let Some(target) = targets.find(|target| nullable.contains(&target.row_id)) {
            return Err(err!(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "{} cannot be applied to the nullable side of an outer join",
                target.strength.sql()
            ));
        }
    }
    crate::ir::inputs(plan)
        .into_iter()
        .try_for_each(check_locks)
}

/// The row ids of scans on the nullable sides of outer joins.
fn collect_nullable(plan: &Plan, is_nullable: bool, found: &mut Vec<ColumnId>) {
    match plan {
        Plan::Scan(scan) if is_nullable => found.extend(scan.system.iter().map(|(id, _)| *id)),
        Plan::Join(join) => {
            let left = matches!(join.kind, JoinKind::Right | JoinKind::Full);
            let right = matches!(join.kind, JoinKind::Left | JoinKind::Full);
            collect_nullable(&join.left, is_nullable || left, found);
            collect_nullable(&join.right, is_nullable || right, found);
        }
        other => {
            for input in crate::ir::inputs(other) {
                collect_nullable(input, is_nullable, found);
            }
        }
    }
}

impl Planner<'_> {
    /// Gives every base scan that a row of a write or a lock is made of a row id, and remembers
    /// which scan it belongs to.
    pub(super) fn add_marks(&mut self, plan: &mut Plan) {
        match plan {
            Plan::Update(node) => self.mark_scans(&mut node.source),
            Plan::Delete(node) => self.mark_scans(&mut node.source),
            Plan::LockRows(node) => self.mark_scans(&mut node.input),
            _ => {}
        }
        for input in crate::ir::inputs_mut(plan) {
            self.add_marks(input);
        }
    }

    fn mark_scans(&mut self, plan: &mut Plan) {
        match plan {
            Plan::Scan(scan) => self.mark_scan(scan),
            Plan::Filter(filter) => self.mark_scans(&mut filter.input),
            Plan::Sort(sort) => self.mark_scans(&mut sort.input),
            Plan::Project(project) => {
                self.mark_scans(&mut project.input);
                // Pass the row ids on.
                for id in crate::ir::produced(&project.input) {
                    let listed = project.columns.iter().any(|(own, _)| *own == id);
                    if self.marks.contains_key(&id) && !listed {
                        let ty = self.columns.get(id).ty;
                        project.columns.push((id, Expr::column(id, ty)));
                    }
                }
            }
            Plan::Join(join) => {
                self.mark_scans(&mut join.left);
                if !matches!(join.kind, JoinKind::Semi | JoinKind::Anti) {
                    self.mark_scans(&mut join.right);
                }
            }
            _ => {}
        }
    }

    fn mark_scan(&mut self, scan: &mut Scan) {
        let known = scan
            .system
            .iter()
            .find(|(_, column)| *column == SystemColumn::RowId);
        let id = match known {
            Some((id, _)) => *id,
            None => {
                let ty = types::SqlType::new(types::TypeOid::INT8);
                let id = self.columns.add(scan.alias.clone(), "row_id", ty);
                scan.system.push((id, SystemColumn::RowId));
                id
            }
        };
        if !self.marks.contains_key(&id) {
            let number = self.scan_id();
            self.marks.insert(id, (number, scan.table.oid));
        }
    }

    /// Keeps the row ids from being pruned, where they are passed on.
    pub(super) fn marked(&self) -> impl Iterator<Item = ColumnId> + '_ {
        self.marks.keys().copied()
    }

    /// The number of a scan: the one its mark has, or a new one.
    pub(super) fn scan_number(&mut self, scan: &Scan) -> ScanId {
        let marked = scan.system.iter().find_map(|(id, _)| self.marks.get(id));
        match marked {
            Some((number, _)) => *number,
            None => self.scan_id(),
        }
    }

    pub(super) fn marks_in(&self, columns: &[ColumnId]) -> Vec<Mark> {
        let find = |(position, id): (usize, &ColumnId)| {
            let (scan, table) = *self.marks.get(id)?;
            Some(Mark {
                scan,
                table,
                row_id: position,
            })
        };
        columns.iter().enumerate().filter_map(find).collect()
    }

    pub(super) fn build_insert(&mut self, insert: &Insert) -> Result<Node> {
        let source = self.build(&insert.source)?;
        let layout = Layout::new(&source.columns);
        let mut values: Vec<Option<Scalar>> = Vec::new();
        values.resize_with(insert.rules.width(), || None);
        for Assignment { position, value } in &insert.values {
            values[usize::from(*position)] = Some(self.compile(value, &layout)?);
        }
        let on_conflict = match &insert.on_conflict {
            Some(conflict) => Some(self.compile_conflict(conflict)?),
            None => None,
        };
        let row = Layout::new(&insert.row);
        let (columns, returning) = self.compile_returning(&insert.returning, &row)?;
        let estimate = write_estimate(&source, columns.is_empty());
        let kind = NodeKind::Insert(Arc::new(InsertNode {
            rules: self.write_rules(&insert.rules)?,
            source,
            values,
            on_conflict,
            returning,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    fn compile_conflict(&mut self, conflict: &OnConflict) -> Result<PhysicalConflict> {
        let update = match &conflict.action {
            ConflictAction::Nothing => None,
            ConflictAction::Update(update) => {
                let layout = Layout::joined(&update.existing, &update.excluded);
                Some(PhysicalConflictUpdate {
                    assignments: self.compile_assignments(&update.assignments, &layout)?,
                    condition: self.compile_some(update.condition.as_ref(), &layout)?,
                })
            }
        };
        Ok(PhysicalConflict {
            arbiters: conflict.arbiters.clone(),
            update,
        })
    }

    fn compile_assignments(
        &mut self,
        assignments: &[Assignment],
        layout: &Layout,
    ) -> Result<Vec<(u16, Scalar)>> {
        let compile = |a: &Assignment| Ok((a.position, self.compile(&a.value, layout)?));
        assignments.iter().map(compile).collect()
    }

    fn compile_returning(
        &mut self,
        returning: &[(ColumnId, Expr)],
        layout: &Layout,
    ) -> Result<(Vec<ColumnId>, Vec<Scalar>)> {
        let mut scalars = Vec::with_capacity(returning.len());
        for (_, expr) in returning {
            scalars.push(self.compile(expr, layout)?);
        }
        Ok((returning.iter().map(|(id, _)| *id).collect(), scalars))
    }

    pub(super) fn build_update(&mut self, update: &Update) -> Result<Node> {
        let source = self.build(&update.source)?;
        let layout = Layout::new(&source.columns);
        let assignments = self.compile_assignments(&update.assignments, &layout)?;
        let target = self.target(&source, update.row_id, &update.old)?;
        let both = Layout::joined(&source.columns, &update.new);
        let (columns, returning) = self.compile_returning(&update.returning, &both)?;
        let estimate = write_estimate(&source, columns.is_empty());
        let kind = NodeKind::Update(Arc::new(UpdateNode {
            rules: self.write_rules(&update.rules)?,
            source,
            target,
            assignments,
            returning,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    pub(super) fn build_delete(&mut self, delete: &Delete) -> Result<Node> {
        let source = self.build(&delete.source)?;
        let layout = Layout::new(&source.columns);
        let target = self.target(&source, delete.row_id, &delete.old)?;
        let (columns, returning) = self.compile_returning(&delete.returning, &layout)?;
        let estimate = write_estimate(&source, columns.is_empty());
        let kind = NodeKind::Delete(Arc::new(DeleteNode {
            rules: self.write_rules(&delete.rules)?,
            source,
            target,
            returning,
        }));
        Ok(self.node(kind, columns, estimate))
    }

    fn target(&self, source: &Node, row_id: ColumnId, old: &[Option<ColumnId>]) -> Result<Target> {
        let layout = Layout::new(&source.columns);
        let marks = self.marks_in(&source.columns);
        Ok(Target {
            row_id: positions_of(&[row_id], &layout)?[0],
            old: old
                .iter()
                .map(|id| id.and_then(|id| layout.position(id)))
                .collect(),
            scan: self.marks.get(&row_id).map(|(scan, _)| *scan),
            marks,
        })
    }

    pub(super) fn write_rules(&mut self, rules: &Arc<TableRules>) -> Result<Arc<WriteRules>> {
        WriteRules::compile(rules).map(Arc::new)
    }
}

impl WriteRules {
    /// Compiles a table's rules; also for tables that only a foreign key reaches.
    pub fn compile(rules: &Arc<TableRules>) -> Result<Self> {
        let columns: Vec<ColumnId> = (0..rules.width() as u32).map(ColumnId).collect();
        let layout = Layout::new(&columns);
        let mut planner = Planner::new(crate::ir::ColumnTable::new(), &super::NoTables);
        let mut generated = Vec::with_capacity(rules.generated.len());
        for (position, expr) in &rules.generated {
            generated.push((*position, planner.compile(expr, &layout)?));
        }
        let mut checks = Vec::with_capacity(rules.checks.len());
        for check in &rules.checks {
            checks.push((
                check.name.clone(),
                planner.compile(&check.condition, &layout)?,
            ));
        }
        let mut defaults = Vec::with_capacity(rules.defaults.len());
        for default in &rules.defaults {
            defaults.push(planner.compile_some(default.as_ref(), &layout)?);
        }
        Ok(Self {
            rules: rules.clone(),
            generated,
            checks,
            defaults,
        })
    }
}

fn write_estimate(source: &Node, silent: bool) -> Estimate {
    let mut estimate = source.estimate;
    estimate.total += estimate.rows * CPU_ROW;
    if silent {
        estimate.rows = 0.0;
        estimate.width = 0;
    }
    estimate
}
