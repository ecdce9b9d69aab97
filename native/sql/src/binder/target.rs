//! Output lists of SELECT and RETURNING: stars, names, untyped columns (`parse_target.c`).

use super::binder::Binder;
use super::columns::ItemAt;
use super::expr_kind::ExprKind;
use super::scope::ItemColumn;
use super::typed::Typed;
use crate::ir::Expr;
use common::{Error, ObjectId, Result, sqlstate};
use parser as ast;
use std::ops::Range;

/// An output expression.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub value: Typed,
    pub name: String,
    /// Only for sorting or DISTINCT ON: not given to the client.
    pub junk: bool,
    pub origin: (ObjectId, i16),
    /// Which of the level's column uses belong to it.
    pub uses: Range<usize>,
}

impl Binder<'_> {
    pub(super) fn bind_targets(
        &mut self,
        items: &[ast::SelectItem],
        kind: ExprKind,
    ) -> Result<Vec<Target>> {
        let mut targets = Vec::with_capacity(items.len());
        for item in items {
            let from = self.level().uses.len();
            if let Some(columns) = self.expand_star(item, from)? {
                targets.extend(columns);
                continue;
            }
            let value = self.bind_in_clause(&item.expr, kind)?;
            let uses = from..self.level().uses.len();
            let name = item
                .alias
                .clone()
                .unwrap_or_else(|| figure_name(&item.expr));
            let origin = self.origin_of(&value.expr);
            targets.push(Target {
                value,
                name,
                junk: false,
                origin,
                uses,
            });
        }
        Ok(targets)
    }

    /// Table and attribute number of a plain column of some level.
    fn origin_of(&self, expr: &Expr) -> (ObjectId, i16) {
        let Some(id) = expr.as_column() else {
            return super::from::NO_ORIGIN;
        };
        let items = self.levels.iter().rev().flat_map(|level| &level.items);
        let mut columns = items.flat_map(|item| &item.columns);
        let found = columns.find(|c| c.expr.as_column() == Some(id));
        found.map_or(super::from::NO_ORIGIN, |c| c.origin)
    }

    /// `*`, `t.*`, `s.t.*` and `(row).*`; `None` for anything else.
    fn expand_star(&mut self, item: &ast::SelectItem, from: usize) -> Result<Option<Vec<Target>>> {
        let at = item.expr.location;
        match &item.expr.kind {
            ast::ExprKind::ColumnRef(parts) if parts.last() == Some(&ast::NamePart::Star) => {
                let columns = self.star_columns(&parts[..parts.len() - 1], at)?;
                Ok(Some(self.star_targets(columns, from, at)))
            }
            ast::ExprKind::Indirection { arg, path }
                if path.last() == Some(&ast::Indirection::Star) =>
            {
                let row = match path.len() {
                    1 => self.bind_expr(arg)?,
                    n => self.bind_indirection(arg, &path[..n - 1], at)?,
                };
                let fields = self.row_fields(row, at)?;
                let uses = from..self.level().uses.len();
                let target = |(name, value): (String, Typed)| Target {
                    value,
                    name,
                    junk: false,
                    origin: super::from::NO_ORIGIN,
                    uses: uses.clone(),
                };
                Ok(Some(fields.into_iter().map(target).collect()))
            }
            _ => Ok(None),
        }
    }

    fn star_targets(
        &mut self,
        columns: Vec<(usize, ItemColumn)>,
        from: usize,
        location: ast::Location,
    ) -> Vec<Target> {
        self.record_star(location, &columns);
        for (level, column) in &columns {
            self.note_reference(column.origin);
            let uses = &mut self.levels[*level].uses;
            crate::ir::for_each_column(&column.expr, &mut |id| {
                uses.push(super::scope::ColumnUse { id, location });
            });
        }
        let uses = from..self.level().uses.len();
        let target = |(_, column): (usize, ItemColumn)| Target {
            value: Typed::of_column(&column, location),
            name: column.name,
            junk: false,
            origin: column.origin,
            uses: uses.clone(),
        };
        columns.into_iter().map(target).collect()
    }

    /// The columns of a star, each with its level.
    fn star_columns(
        &mut self,
        parts: &[ast::NamePart],
        location: ast::Location,
    ) -> Result<Vec<(usize, ItemColumn)>> {
        let current = self.levels.len() - 1;
        let name = |part: &ast::NamePart| match part {
            ast::NamePart::Name(name) => name.clone(),
            ast::NamePart::Star => "*".to_owned(),
        };
        let names: Vec<String> = parts.iter().map(name).collect();
        let found = match names.as_slice() {
            [] => {
                let items = &self.levels[current].items;
                if !items.iter().any(|i| i.columns_visible) {
                    let message = "SELECT * with no tables specified is not valid";
                    let error = Error::new(sqlstate::SYNTAX_ERROR, message);
                    return Err(self.error_at(location, error));
                }
                let visible = items.iter().filter(|i| i.columns_visible);
                let columns = visible.flat_map(|i| i.columns.iter().cloned());
                return Ok(columns.map(|c| (current, c)).collect());
            }
            [table] => (None, table.as_str()),
            [schema, table] | [_, schema, table] => (Some(schema.as_str()), table.as_str()),
            _ => {
                let message = format!(
                    "improper qualified name (too many dotted names): {}.*",
                    names.join(".")
                );
                let error = Error::new(sqlstate::SYNTAX_ERROR, message);
                return Err(self.error_at(location, error));
            }
        };
        let Some(ItemAt { level, item }) = self.find_item(found.0, found.1, location)? else {
            return Err(self.missing_item(found.1, location));
        };
        let columns = self.levels[level].items[item].columns.clone();
        Ok(columns.into_iter().map(|c| (level, c)).collect())
    }

    /// `ROW(t.*)` within a row: the fields that the star stands for.
    pub(super) fn expand_row_star(&mut self, arg: &ast::Expr) -> Result<Option<Vec<Typed>>> {
        let ast::ExprKind::ColumnRef(parts) = &arg.kind else {
            return Ok(None);
        };
        if parts.last() != Some(&ast::NamePart::Star) {
            return Ok(None);
        }
        let from = self.level().uses.len();
        let columns = self.star_columns(&parts[..parts.len() - 1], arg.location)?;
        let targets = self.star_targets(columns, from, arg.location);
        Ok(Some(targets.into_iter().map(|t| t.value).collect()))
    }

    /// The fields of a composite value, by name.
    fn row_fields(&mut self, row: Typed, location: ast::Location) -> Result<Vec<(String, Typed)>> {
        let oid = self.types().base_type(row.oid());
        if let Some(fields) = self.fields_of(oid) {
            let names: Vec<String> = fields.into_iter().map(|(name, _)| name).collect();
            let mut out = Vec::with_capacity(names.len());
            for name in names {
                let value = self.field(row.clone(), &name, location)?;
                out.push((name, value));
            }
            return Ok(out);
        }
        if let Expr::Row { fields, .. } = row.expr {
            let field =
                |(at, expr): (usize, Expr)| (format!("f{}", at + 1), Typed::plain(expr, location));
            return Ok(fields.into_iter().enumerate().map(field).collect());
        }
        let message = match oid {
            types::TypeOid::RECORD => "record type has not been registered".to_owned(),
            _ => format!("type {} is not composite", self.types().name(oid)),
        };
        Err(self.error_at(location, Error::new(sqlstate::WRONG_OBJECT_TYPE, message)))
    }
}

/// The name of a column without alias (`FigureColname`).
pub(crate) fn figure_name(expr: &ast::Expr) -> String {
    let (name, strength) = named(expr);
    match strength {
        0 => "?column?".into(),
        _ => name,
    }
}

/// A name and how good it is: 0 none, 1 a construct's, 2 a name of the user's.
fn named(expr: &ast::Expr) -> (String, u8) {
    use ast::ExprKind as K;
    let strong = |name: &str| (name.to_owned(), 2);
    match &expr.kind {
        K::ColumnRef(parts) => {
            let last = parts.iter().rev().find_map(|part| match part {
                ast::NamePart::Name(name) => Some(name.as_str()),
                ast::NamePart::Star => None,
            });
            last.map_or((String::new(), 0), strong)
        }
        K::Indirection { arg, path } => {
            let field = path.iter().rev().find_map(|step| match step {
                ast::Indirection::Field(name) => Some(name.as_str()),
                _ => None,
            });
            field.map_or_else(|| named(arg), strong)
        }
        K::FuncCall(call) => strong(call.name.name()),
        K::Cast(cast) => match named(&cast.arg) {
            (_, 0 | 1) => (cast.type_name.name().to_owned(), 1),
            inner => inner,
        },
        K::Collate { arg, .. } => named(arg),
        K::Case(case) => match case.default.as_ref().map(named) {
            Some((name, 2)) => (name, 2),
            _ => ("case".into(), 1),
        },
        K::NullIf(_) => strong("nullif"),
        K::Coalesce(_) => strong("coalesce"),
        K::Greatest(_) => strong("greatest"),
        K::Least(_) => strong("least"),
        K::Grouping(_) => strong("grouping"),
        K::Array(_) => strong("array"),
        K::Row { .. } => strong("row"),
        K::SqlValue { function, .. } => strong(sql_value_name(*function)),
        K::SubLink(link) => match link.kind {
            ast::SubLinkKind::Exists => strong("exists"),
            ast::SubLinkKind::Array => strong("array"),
            ast::SubLinkKind::Scalar => subquery_name(&link.query),
            _ => (String::new(), 0),
        },
        _ => (String::new(), 0),
    }
}

/// A scalar subquery is named after its column.
fn subquery_name(query: &ast::Query) -> (String, u8) {
    match &query.body {
        ast::QueryBody::Select(select) => match select.targets.first() {
            Some(target) => match &target.alias {
                Some(alias) => (alias.clone(), 2),
                None => named(&target.expr),
            },
            None => (String::new(), 0),
        },
        ast::QueryBody::Values(_) => ("column1".into(), 2),
        ast::QueryBody::SetOp(op) => subquery_name(&op.inputs[0]),
    }
}

fn sql_value_name(function: ast::SqlValueFunction) -> &'static str {
    use ast::SqlValueFunction as F;
    match function {
        F::CurrentDate => "current_date",
        F::CurrentTime => "current_time",
        F::CurrentTimestamp => "current_timestamp",
        F::LocalTime => "localtime",
        F::LocalTimestamp => "localtimestamp",
        F::CurrentRole => "current_role",
        F::CurrentUser => "current_user",
        F::User => "user",
        F::SessionUser => "session_user",
        F::CurrentCatalog => "current_catalog",
        F::CurrentSchema => "current_schema",
    }
}
