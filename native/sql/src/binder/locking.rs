//! FOR UPDATE and its kin: which rows of which tables a query locks.
//!
//! A subquery or view in FROM is locked as if the clause stood in it too (`transformLockingClause`,
//! `markQueryForLocking`). Where nothing but joins, conditions and sorting is inside, its rows are
//! locked by the query around it, so that those that its conditions drop are not.

use super::binder::Binder;
use super::scope::Item;
use crate::access::{LockStrength, WaitPolicy};
use crate::ir::{LockTarget, SystemColumn};
use catalog::TableKind;
use common::{Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

/// A strength as SQL writes it.
pub(super) fn strength_name(strength: ast::LockStrength) -> &'static str {
    strength_of(strength).sql()
}

impl Binder<'_> {
    /// The rows to lock; the row ids are asked of the scans.
    pub(super) fn bind_locking(
        &mut self,
        select: &ast::Select,
        grouped: bool,
    ) -> Result<Vec<LockTarget>> {
        let clauses = std::mem::take(&mut self.level().locking);
        let Some(first) = clauses.first() else {
            return Ok(Vec::new());
        };
        self.check_lockable(first.strength, select, grouped)?;
        let mut targets: Vec<LockTarget> = Vec::new();
        for clause in &clauses {
            for item in self.lock_items(clause)? {
                self.lock_item(&item, clause, &mut targets)?;
            }
        }
        Ok(targets)
    }

    /// Adds the rows of an item: its table's, those inside a subquery, those of a join's sides.
    fn lock_item(
        &mut self,
        item: &Item,
        clause: &ast::LockingClause,
        targets: &mut Vec<LockTarget>,
    ) -> Result<()> {
        for own in &item.locks {
            add(targets, own.clone());
        }
        for hidden in &item.hidden {
            self.lock_item(hidden, clause, targets)?;
        }
        let Some(table) = &item.table else {
            return Ok(());
        };
        if table.table.kind != TableKind::Table {
            let kind = match table.table.kind {
                TableKind::MaterializedView => "materialized view",
                _ => "relation",
            };
            return Err(err!(
                sqlstate::WRONG_OBJECT_TYPE,
                "cannot lock rows in {kind} \"{}\"",
                table.table.name
            ));
        }
        let ty = SqlType::new(TypeOid::INT8);
        let row_id = self.request_system(table, &item.name, SystemColumn::RowId, "row", ty);
        let target = LockTarget {
            table: table.table.oid,
            row_id,
            strength: strength_of(clause.strength),
            wait: wait_of(clause.wait),
        };
        add(targets, target);
        Ok(())
    }

    /// Whether the query around the level's locks its rows: only those that it keeps are locked,
    /// where nothing is in between.
    pub(super) fn hands_locks_out(&mut self, query: &ast::Query) -> bool {
        self.level().locked_from_outside
            && query.locking.is_empty()
            && query.with.is_none()
            && query.limit.is_none()
            && query.offset.is_none()
    }

    /// What the level's clauses lock in the FROM item of that name: all of them without names.
    pub(super) fn locking_of(&self, name: &str) -> Vec<ast::LockingClause> {
        let Some(level) = self.levels.last() else {
            return Vec::new();
        };
        let names = |clause: &&ast::LockingClause| {
            let mut relations = clause.relations.iter();
            clause.relations.is_empty() || relations.any(|relation| relation.name == name)
        };
        let inside = |clause: &ast::LockingClause| ast::LockingClause {
            relations: Vec::new(),
            ..clause.clone()
        };
        level.locking.iter().filter(names).map(inside).collect()
    }

    fn check_lockable(
        &mut self,
        strength: ast::LockStrength,
        select: &ast::Select,
        grouped: bool,
    ) -> Result<()> {
        let level = self.level();
        let what = if select.distinct != ast::Distinct::All {
            "DISTINCT clause"
        } else if !select.group_by.is_empty() {
            "GROUP BY clause"
        } else if select.having.is_some() {
            "HAVING clause"
        } else if grouped {
            "aggregate functions"
        } else if !level.window_calls.is_empty() {
            "window functions"
        } else if !level.set_returning.is_empty() {
            "set-returning functions in the target list"
        } else {
            return Ok(());
        };
        Err(err!(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "{} is not allowed with {what}",
            strength_name(strength)
        ))
    }

    /// The items that a clause names, or all of the level's.
    fn lock_items(&self, clause: &ast::LockingClause) -> Result<Vec<Item>> {
        let items = &self.levels[self.levels.len() - 1].items;
        let strength = strength_name(clause.strength);
        if clause.relations.is_empty() {
            return Ok(items.clone());
        }
        let mut found = Vec::with_capacity(clause.relations.len());
        for name in &clause.relations {
            if name.schema.is_some() {
                let error = err!(
                    sqlstate::SYNTAX_ERROR,
                    "{strength} must specify unqualified relation names"
                );
                return Err(self.error_at(name.location, error));
            }
            let Some(item) = named(items, &name.name) else {
                let error = err!(
                    sqlstate::UNDEFINED_TABLE,
                    "relation \"{}\" in {strength} clause not found in FROM clause",
                    name.name
                );
                return Err(self.error_at(name.location, error));
            };
            if let Some(what) = item.unlockable {
                let error = err!(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "{strength} cannot be applied to {what}"
                );
                return Err(self.error_at(name.location, error));
            }
            found.push(item.clone());
        }
        Ok(found)
    }
}

/// The item of that name, also one that a join's alias hides.
fn named<'i>(items: &'i [Item], name: &str) -> Option<&'i Item> {
    let seen = items.iter().find(|i| i.name_visible && i.name == name);
    seen.or_else(|| items.iter().find_map(|item| named(&item.hidden, name)))
}

/// A table locked by two clauses takes the stronger lock and the less patient wait.
fn add(targets: &mut Vec<LockTarget>, new: LockTarget) {
    match targets.iter_mut().find(|t| t.row_id == new.row_id) {
        Some(known) => {
            known.strength = known.strength.max(new.strength);
            if new.wait == WaitPolicy::NoWait || known.wait == WaitPolicy::Wait {
                known.wait = new.wait;
            }
        }
        None => targets.push(new),
    }
}

fn strength_of(strength: ast::LockStrength) -> LockStrength {
    match strength {
        ast::LockStrength::KeyShare => LockStrength::KeyShare,
        ast::LockStrength::Share => LockStrength::Share,
        ast::LockStrength::NoKeyUpdate => LockStrength::NoKeyUpdate,
        ast::LockStrength::Update => LockStrength::Update,
    }
}

fn wait_of(wait: ast::LockWait) -> WaitPolicy {
    match wait {
        ast::LockWait::Block => WaitPolicy::Wait,
        ast::LockWait::SkipLocked => WaitPolicy::SkipLocked,
        ast::LockWait::NoWait => WaitPolicy::NoWait,
    }
}
