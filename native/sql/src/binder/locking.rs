//! FOR UPDATE and its kin: which rows of which tables a query locks.

use super::binder::Binder;
use crate::access::{LockStrength, WaitPolicy};
use crate::ir::{LockTarget, SystemColumn};
use catalog::TableKind;
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

/// A strength as SQL writes it.
pub(super) fn strength_name(strength: ast::LockStrength) -> &'static str {
    match strength {
        ast::LockStrength::KeyShare => "FOR KEY SHARE",
        ast::LockStrength::Share => "FOR SHARE",
        ast::LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
        ast::LockStrength::Update => "FOR UPDATE",
    }
}

impl Binder<'_> {
    /// The rows to lock; the row ids are asked of the scans.
    pub(super) fn bind_locking(
        &mut self,
        query: &ast::Query,
        select: &ast::Select,
        grouped: bool,
    ) -> Result<Vec<LockTarget>> {
        let Some(first) = query.locking.first() else {
            return Ok(Vec::new());
        };
        self.check_lockable(first.strength, select, grouped)?;
        let mut targets: Vec<LockTarget> = Vec::new();
        for clause in &query.locking {
            let found = self.lock_items(clause)?;
            for index in found {
                let item = &self.levels[self.levels.len() - 1].items[index];
                let Some(table) = item.table.clone() else {
                    continue;
                };
                let name = item.name.clone();
                if table.table.kind != TableKind::Table {
                    let error = err!(
                        sqlstate::WRONG_OBJECT_TYPE,
                        "cannot lock rows in relation \"{}\"",
                        table.table.name
                    );
                    return Err(error);
                }
                let ty = SqlType::new(TypeOid::INT8);
                let row_id = self.request_system(&table, &name, SystemColumn::RowId, "row", ty);
                add(
                    &mut targets,
                    LockTarget {
                        table: table.table.oid,
                        row_id,
                        strength: strength_of(clause.strength),
                        wait: wait_of(clause.wait),
                    },
                );
            }
        }
        Ok(targets)
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
    fn lock_items(&self, clause: &ast::LockingClause) -> Result<Vec<usize>> {
        let items = &self.levels[self.levels.len() - 1].items;
        let strength = strength_name(clause.strength);
        if clause.relations.is_empty() {
            return Ok((0..items.len()).collect());
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
            let at = items
                .iter()
                .position(|i| i.name_visible && i.name == name.name);
            let Some(at) = at else {
                let error = err!(
                    sqlstate::UNDEFINED_TABLE,
                    "relation \"{}\" in {strength} clause not found in FROM clause",
                    name.name
                );
                return Err(self.error_at(name.location, error));
            };
            if items[at].table.is_none() {
                return Err(Error::not_implemented(format_args!(
                    "{strength} of a subquery, view, join or function"
                )));
            }
            found.push(at);
        }
        Ok(found)
    }
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
