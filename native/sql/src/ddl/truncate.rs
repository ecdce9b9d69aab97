//! TRUNCATE: fresh files (`ExecuteTruncate`).

use super::builder::{Builder, DdlContext, display};
use super::plan::{Action, DdlPlan};
use crate::binder::Notice;
use catalog::{Relation, Table, TableKind};
use common::{Error, ObjectId, Result, err, sqlstate};
use parser as ast;

pub fn truncate(cx: &DdlContext<'_>, statement: &ast::Truncate) -> Result<DdlPlan> {
    let mut builder = Builder::new(cx, "TRUNCATE TABLE");
    let mut tables: Vec<ObjectId> = Vec::with_capacity(statement.relations.len());
    for relation in &statement.relations {
        let table = builder.truncated(&relation.name)?;
        if !tables.contains(&table.oid) {
            tables.push(table.oid);
        }
    }
    builder.referencing(&mut tables, statement.cascade)?;
    for oid in tables {
        builder.empty_table(oid)?;
        if statement.restart_identity {
            let sequences: Vec<_> = builder.catalog.sequences_of(oid).cloned().collect();
            for sequence in sequences {
                let value = sequence.start;
                builder.act(Action::SetSequence {
                    sequence: sequence.oid,
                    value,
                });
            }
        }
    }
    Ok(builder.plan)
}

impl Builder<'_> {
    fn truncated(&self, name: &ast::RelationName) -> Result<Table> {
        match self.find(name)? {
            Some(Relation::Table(table)) if table.kind == TableKind::Table => {
                self.refuse_foreign_temporary(&table, "truncate")?;
                Ok((*table).clone())
            }
            Some(found) => {
                self.refuse_system(found.schema(), found.name())?;
                Err(err!(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "\"{}\" is not a table",
                    found.name()
                ))
            }
            None => {
                let error = err!(
                    sqlstate::UNDEFINED_TABLE,
                    "relation \"{}\" does not exist",
                    display(name)
                );
                Err(error)
            }
        }
    }

    /// Tables whose foreign keys point at those truncated go too, or refuse.
    fn referencing(&mut self, tables: &mut Vec<ObjectId>, cascade: bool) -> Result<()> {
        let mut at = 0;
        while at < tables.len() {
            let parent = tables[at];
            at += 1;
            let children: Vec<ObjectId> = self
                .catalog
                .referencing_keys(parent)
                .map(|c| c.table)
                .collect();
            for child in children {
                if tables.contains(&child) {
                    continue;
                }
                let name = |oid| self.catalog.table(oid).map_or("", |t| t.name.as_str());
                let (own, other) = (name(child).to_owned(), name(parent).to_owned());
                if !cascade {
                    return Err(Error::new(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        "cannot truncate a table referenced in a foreign key constraint",
                    )
                    .with_detail(format!("Table \"{own}\" references \"{other}\"."))
                    .with_hint(format!(
                        "Truncate table \"{own}\" at the same time, or use TRUNCATE ... CASCADE."
                    )));
                }
                self.notice(Notice::skipping(format!(
                    "truncate cascades to table \"{own}\""
                )));
                tables.push(child);
            }
        }
        Ok(())
    }
}
