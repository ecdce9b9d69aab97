//! Expressions and queries of definitions: bound to be checked, and rewritten so that the catalog
//! can keep them as text that means the same whatever the search path.
//!
//! In the text that is kept, relations are qualified and list the columns they had, stars are
//! written out, and names of sequences and tables in literals (`nextval('s')`) are their oids: so
//! later renames and new columns change nothing. What is kept is parsed and bound anew when used.

use super::binder::Binder;
use super::expr_kind::ExprKind;
use super::rewrite;
use super::scope::Level;
use super::subquery::BoundColumn;
use super::type_rules::CoercionContext;
use super::typed::Typed;
use crate::ir::Expr;
use catalog::{Reference, Table};
use common::{ObjectId, Result, err, sqlstate};
use hashbrown::HashMap;
use parser as ast;
use types::SqlType;

/// What an expression of a definition is for.
#[derive(Debug, Clone)]
pub enum DefinitionKind {
    Check,
    Default {
        column: String,
        target: SqlType,
    },
    Generated {
        column: String,
        target: SqlType,
    },
    IndexExpression,
    IndexPredicate,
    /// USING of ALTER COLUMN TYPE.
    AlterUsing {
        column: String,
        target: SqlType,
    },
}

/// A bound expression of a definition.
#[derive(Debug)]
pub struct BoundDefinition {
    /// Over the table's columns: `ColumnId` is the position.
    pub expr: Expr,
    /// The tree to keep.
    pub rewritten: ast::Expr,
    /// What it mentions, the table's own columns included.
    pub references: Vec<Reference>,
    /// The table's columns that it mentions, ascending.
    pub columns: Vec<i16>,
    pub collation: ObjectId,
}

/// A bound query of a definition (a view's).
#[derive(Debug)]
pub struct QueryDefinition {
    pub rewritten: ast::Query,
    /// Names, types, collations.
    pub columns: Vec<(String, SqlType, ObjectId)>,
    pub references: Vec<Reference>,
    pub notices: Vec<super::Notice>,
    pub bound: super::Bound,
}

/// What binding learns about places in the text, by byte offset.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    /// Relations: schema and columns.
    pub tables: HashMap<u32, (String, Vec<String>)>,
    /// Stars: qualifier (empty for none) and column.
    pub stars: HashMap<u32, Vec<(String, String)>>,
    /// Literals that name an object: its oid.
    pub objects: HashMap<u32, u32>,
}

impl Binder<'_> {
    /// Binds an expression of a definition over the columns of `table`.
    pub fn bind_definition(
        &mut self,
        expr: &ast::Expr,
        table: Option<&Table>,
        kind: DefinitionKind,
    ) -> Result<BoundDefinition> {
        self.forbid_params();
        self.recorder = Some(Recorder::default());
        let clause = match &kind {
            DefinitionKind::Check => ExprKind::Check,
            DefinitionKind::Default { .. } => ExprKind::Default,
            DefinitionKind::Generated { .. } => ExprKind::Generated,
            DefinitionKind::IndexExpression => ExprKind::IndexExpression,
            DefinitionKind::IndexPredicate => ExprKind::IndexPredicate,
            DefinitionKind::AlterUsing { .. } => ExprKind::AlterUsing,
        };
        let mut level = Level {
            kind: clause,
            ..Level::default()
        };
        if let Some(table) = table {
            let ids = self.row_ids(table, &table.name);
            level.items.push(self.row_item(table, &table.name, &ids));
        }
        let notes = level.items.first().map(|i| i.columns.clone());
        self.levels.push(level);
        if let (Some(table), Some(columns)) = (table, notes) {
            self.note_relation(&table.name, None, &columns);
        }
        let bound = self.bind_expr(expr)?;
        let bound = self.shape_definition(bound, kind)?;
        let width = table.map_or(0, |t| t.columns.len()) as u32;
        let used = crate::ir::columns_of(&bound.expr);
        let columns = used
            .iter()
            .filter(|id| id.0 < width)
            .map(|id| id.0 as i16 + 1)
            .collect();
        let recorder = self.recorder.take().unwrap_or_default();
        let mut rewritten = expr.clone();
        rewrite::expr(&mut rewritten, &recorder);
        Ok(BoundDefinition {
            collation: bound.collation.oid(),
            expr: bound.expr,
            rewritten,
            references: self.reference_list(),
            columns,
        })
    }

    fn shape_definition(&mut self, bound: Typed, kind: DefinitionKind) -> Result<Typed> {
        let (column, target, what) = match kind {
            DefinitionKind::Check => return self.coerce_to_boolean(bound, "CHECK"),
            DefinitionKind::IndexPredicate => return self.coerce_to_boolean(bound, "WHERE"),
            DefinitionKind::IndexExpression => return self.resolve_unknown(bound),
            DefinitionKind::Default { column, target } => (column, target, "default"),
            DefinitionKind::Generated { column, target } => (column, target, "generation"),
            DefinitionKind::AlterUsing { column, target } => (column, target, "using"),
        };
        let (from, location) = (bound.oid(), bound.location);
        let context = CoercionContext::Assignment;
        if let Some(done) = self.coerce_to_target(bound, target, context, location)? {
            return Ok(done);
        }
        let rules = self.types();
        let (want, have) = (rules.name(target.oid), rules.name(from));
        let error = match what {
            "using" => err!(
                sqlstate::DATATYPE_MISMATCH,
                "result of USING clause for column \"{column}\" cannot be cast automatically to \
                 type {want}"
            )
            .with_hint("You might need to add an explicit cast."),
            _ => err!(
                sqlstate::DATATYPE_MISMATCH,
                "column \"{column}\" is of type {want} but {} expression is of type {have}",
                if what == "default" {
                    "default"
                } else {
                    "generation"
                }
            )
            .with_hint("You will need to rewrite or cast the expression."),
        };
        Err(error)
    }

    /// Binds a view's query.
    pub fn bind_query_definition(mut self, query: &ast::Query) -> Result<QueryDefinition> {
        self.forbid_params();
        self.recorder = Some(Recorder::default());
        let bound = self.bind_query(query)?;
        let column = |c: &BoundColumn| (c.name.clone(), c.ty, c.collation.oid());
        let columns = bound.columns.iter().map(column).collect();
        let recorder = self.recorder.take().unwrap_or_default();
        let references = self.reference_list();
        let mut rewritten = query.clone();
        rewrite::query(&mut rewritten, &recorder);
        let notices = std::mem::take(&mut self.notices);
        let bound = self.finish(bound)?;
        Ok(QueryDefinition {
            rewritten,
            columns,
            references,
            notices,
            bound,
        })
    }

    /// What was mentioned; a relation whole only where no column of it is.
    fn reference_list(&self) -> Vec<Reference> {
        let all = &self.references;
        let has_column = |oid: ObjectId| all.iter().any(|(o, sub)| *o == oid && *sub != 0);
        let list = all
            .iter()
            .filter(|(oid, sub)| *sub != 0 || !has_column(*oid));
        let list = list.filter(|(oid, _)| *oid >= catalog::oid::FIRST_USER);
        list.map(|(object, sub)| Reference {
            object: *object,
            sub: *sub,
        })
        .collect()
    }

    /// Remembers a literal that was read as the oid of a relation.
    pub(super) fn record_object(&mut self, location: ast::Location, oid: u32) {
        self.references.insert((ObjectId(oid), 0));
        if let (Some(recorder), Some(at), true) = (
            &mut self.recorder,
            location.byte_offset(),
            self.has_positions,
        ) {
            recorder.objects.insert(at, oid);
        }
    }

    /// Remembers which relation a name in FROM is.
    pub(super) fn record_table(&mut self, location: ast::Location, table: &Table) {
        let schema = self.cx.catalog.schema(table.schema).map(|s| s.name.clone());
        if let (Some(recorder), Some(at), true) = (
            &mut self.recorder,
            location.byte_offset(),
            self.has_positions,
        ) {
            let columns = table.live_columns().map(|c| c.name.clone()).collect();
            recorder
                .tables
                .insert(at, (schema.unwrap_or_default(), columns));
        }
    }

    /// Remembers what a star stands for.
    pub(super) fn record_star(
        &mut self,
        location: ast::Location,
        columns: &[(usize, super::scope::ItemColumn)],
    ) {
        if self.recorder.is_none() || !self.has_positions {
            return;
        }
        let Some(at) = location.byte_offset() else {
            return;
        };
        let name = |(level, column): &(usize, super::scope::ItemColumn)| {
            let owns = |item: &&super::scope::Item| {
                item.name_visible
                    && item.columns.iter().any(|c| {
                        c.name == column.name
                            && c.expr.as_column().is_some()
                            && c.expr.as_column() == column.expr.as_column()
                    })
            };
            let merged = self.levels[*level].items.iter().any(|item| {
                !item.name_visible
                    && item.columns_visible
                    && item
                        .columns
                        .iter()
                        .filter(|c| c.name == column.name)
                        .count()
                        == 1
            });
            let qualifier = match merged {
                // A merged column, or one whose bare name says it all.
                true => None,
                false => self.levels[*level]
                    .items
                    .iter()
                    .find(owns)
                    .map(|i| i.name.clone()),
            };
            (qualifier.unwrap_or_default(), column.name.clone())
        };
        let names = columns.iter().map(name).collect();
        if let Some(recorder) = &mut self.recorder {
            recorder.stars.insert(at, names);
        }
    }
}
