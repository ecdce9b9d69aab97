//! Functions in FROM: set-returning ones, any other expression as one row, ROWS FROM.

use super::binder::Binder;
use super::collation::CollationOf;
use super::expr_kind::ExprKind;
use super::from::FromPart;
use super::registry::FunctionBody;
use super::scope::{Item, ItemColumn};
use super::target::figure_name;
use super::typed::Typed;
use crate::ir::{Expr, FunctionScan, FunctionScanItem, FunctionScanKind, Plan};
use common::{Error, Result, err, sqlstate};
use functions::FunctionKind;
use parser as ast;
use types::{Datum, SqlType, TypeOid};

/// A bound function of FROM: what gives the rows, and the columns of a row.
struct BoundFunction {
    kind: FunctionScanKind,
    name: String,
    columns: Vec<(String, SqlType, CollationOf)>,
    /// It returns one value a row, not a composite.
    scalar: bool,
}

impl Binder<'_> {
    pub(super) fn bind_from_function(&mut self, from: &ast::FunctionRef) -> Result<FromPart> {
        let mut bound = Vec::with_capacity(from.functions.len());
        // Functions see the items to their left even without LATERAL.
        for item in &from.functions {
            let defs = match from.rows_from {
                true => &item.column_defs,
                false => &from.column_defs,
            };
            let parts = self.in_lateral(true, ExprKind::FromFunction, |binder| {
                binder.bind_function_item(&item.expr, defs, from.rows_from)
            })?;
            bound.extend(parts);
        }
        let alias = from.alias.as_ref();
        let name = alias.map_or_else(|| bound[0].name.clone(), |a| a.name.clone());
        let single = bound.len() == 1 && !from.ordinality;
        let scalar = bound.len() == 1 && bound[0].scalar;
        let mut functions = Vec::with_capacity(bound.len());
        let mut columns = Vec::new();
        for function in bound {
            let mut ids = Vec::with_capacity(function.columns.len());
            for (column, ty, collation) in function.columns {
                // A single value is named by the alias.
                let column = match function.scalar && alias.is_some() && scalar {
                    true => name.clone(),
                    false => column,
                };
                let id = self.columns.add(name.clone(), column.clone(), ty);
                ids.push(id);
                let expr = Expr::column(id, ty);
                let origin = super::from::NO_ORIGIN;
                columns.push(ItemColumn {
                    name: column,
                    expr,
                    ty,
                    collation,
                    origin,
                });
            }
            functions.push(FunctionScanItem {
                function: function.kind,
                columns: ids,
            });
        }
        let ordinality = from.ordinality.then(|| {
            let ty = SqlType::new(TypeOid::INT8);
            let id = self.columns.add(name.clone(), "ordinality", ty);
            columns.push(ItemColumn {
                name: "ordinality".into(),
                expr: Expr::column(id, ty),
                ty,
                collation: CollationOf::None,
                origin: super::from::NO_ORIGIN,
            });
            id
        });
        self.rename_columns(&mut columns, alias, &name)?;
        self.note_relation(&name, None, &columns);
        let plan = Plan::FunctionScan(Box::new(FunctionScan {
            functions,
            ordinality,
            alias: name.clone(),
        }));
        let item = Item {
            scalar_function: scalar && single,
            unlockable: Some("a function"),
            ..Item::new(name, columns)
        };
        Ok(FromPart::single(plan, item))
    }

    /// One function; `unnest(a, b)` within ROWS FROM or alone is one for each array.
    fn bind_function_item(
        &mut self,
        expr: &ast::Expr,
        defs: &[ast::ColumnDef],
        _rows_from: bool,
    ) -> Result<Vec<BoundFunction>> {
        let ast::ExprKind::FuncCall(call) = &expr.kind else {
            let value = self.bind_expr(expr)?;
            return Ok(vec![self.scalar_item(value, figure_name(expr))?]);
        };
        if call.name.name() == "unnest" && call.args.len() > 1 {
            let mut parts = Vec::with_capacity(call.args.len());
            for arg in &call.args {
                let one = ast::FuncCall {
                    args: vec![arg.clone()],
                    ..(**call).clone()
                };
                parts.push(self.bind_set_call(&one, defs, expr.location)?);
            }
            return Ok(parts);
        }
        Ok(vec![self.bind_set_call(call, defs, expr.location)?])
    }

    fn bind_set_call(
        &mut self,
        call: &ast::FuncCall,
        defs: &[ast::ColumnDef],
        location: ast::Location,
    ) -> Result<BoundFunction> {
        let name = call.name.name().to_owned();
        let unnested = super::session_functions::as_unnest(call);
        let call = unnested.as_ref().unwrap_or(call);
        let is_set = |f: &super::registry::Overload| f.returns_set;
        if !super::registry::overloads(call.name.name())
            .iter()
            .any(is_set)
        {
            let value = self.bind_call(call, location)?;
            return self.scalar_item(value, name);
        }
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            args.push(self.bind_expr(&arg.value)?);
        }
        let resolved = match self.resolve_call(call, args, location)? {
            Ok(resolved) => resolved,
            Err(value) => return self.scalar_item(value, name),
        };
        let FunctionBody::Scalar(function) = resolved.body else {
            let value = self.bind_call(call, location)?;
            return self.scalar_item(value, name);
        };
        let FunctionKind::Set { columns, .. } = function.kind else {
            let at = location;
            let value = self.make_call(function, resolved.args, resolved.result, at, at)?;
            return self.scalar_item(value, name);
        };
        let mut collation = CollationOf::None;
        let mut exprs = Vec::with_capacity(resolved.args.len());
        for arg in resolved.args {
            collation = self.merge_at(collation, arg.collation, location)?;
            exprs.push(arg.expr);
        }
        let declared = self.set_columns(&name, columns, resolved.result, defs, location)?;
        if !defs.is_empty() {
            // What the function makes of its argument is the query's to say: names and types.
            for (name, ty) in &declared {
                let name = Datum::text(name);
                exprs.push(Expr::constant(name, SqlType::new(TypeOid::TEXT)));
                exprs.push(Expr::null(*ty));
            }
        }
        let scalar = columns.len() <= 1 && defs.is_empty() && declared.len() == 1;
        let kind = FunctionScanKind::Set {
            function,
            args: exprs,
            collation: collation.resolve().unwrap_or_default(),
        };
        let columns = declared
            .into_iter()
            .map(|(name, ty)| (name, ty, collation.for_result(ty.oid)))
            .collect();
        Ok(BoundFunction {
            kind,
            name,
            columns,
            scalar,
        })
    }

    /// The columns of a set-returning function: its own, those of a composite result, or those
    /// that the query defines for a record.
    fn set_columns(
        &mut self,
        name: &str,
        columns: &[(&'static str, TypeOid)],
        result: TypeOid,
        defs: &[ast::ColumnDef],
        location: ast::Location,
    ) -> Result<Vec<(String, SqlType)>> {
        if !defs.is_empty() {
            if result != TypeOid::RECORD || !columns.is_empty() {
                let message = "a column definition list is only allowed for functions returning \
                               \"record\"";
                let error = Error::new(sqlstate::SYNTAX_ERROR, message);
                return Err(self.error_at(location, error));
            }
            let mut out = Vec::with_capacity(defs.len());
            for def in defs {
                out.push((def.name.clone(), self.resolve_type(&def.type_name)?));
            }
            return Ok(out);
        }
        if !columns.is_empty() {
            return Ok(columns
                .iter()
                .map(|(n, oid)| ((*n).to_owned(), (*oid).into()))
                .collect());
        }
        if let Some(fields) = self.fields_of(result) {
            return Ok(fields);
        }
        if result == TypeOid::RECORD {
            let error = err!(
                sqlstate::SYNTAX_ERROR,
                "a column definition list is required for functions returning \"record\""
            );
            return Err(self.error_at(location, error));
        }
        Ok(vec![(name.to_owned(), result.into())])
    }

    fn scalar_item(&mut self, value: Typed, name: String) -> Result<BoundFunction> {
        let value = self.resolve_unknown(value)?;
        let (ty, collation) = (value.ty(), value.collation);
        if let Some(fields) = self.fields_of(ty.oid).filter(|f| f.len() > 1) {
            let columns = fields
                .into_iter()
                .map(|(n, ty)| (n, ty, CollationOf::of_type(ty.oid)));
            let columns = columns.collect();
            let kind = FunctionScanKind::Scalar(value.expr);
            return Ok(BoundFunction {
                kind,
                name,
                columns,
                scalar: false,
            });
        }
        let columns = vec![(name.clone(), ty, collation)];
        let kind = FunctionScanKind::Scalar(value.expr);
        Ok(BoundFunction {
            kind,
            name,
            columns,
            scalar: true,
        })
    }
}
