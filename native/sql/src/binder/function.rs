//! Function calls: resolution by name and argument types, and scalar and set-returning results
//! (`parse_func.c`). Aggregates and window functions go on in their own files.

use super::binder::Binder;
use super::candidate::{Candidate, Choice, choose};
use super::collation::CollationOf;
use super::registry::{self, FunctionBody, Overload};
use super::type_rules::{CoercionContext, Pathway};
use super::typed::{Typed, leftmost};
use crate::ir::{Expr, FunctionScanItem, FunctionScanKind, SessionCall};
use common::{Error, Result, err, sqlstate};
use functions::{FunctionDef, FunctionKind};
use parser as ast;
use types::{Datum, SqlType, TypeOid};

/// A call whose function was chosen and whose arguments were coerced.
#[derive(Debug)]
pub(super) struct ResolvedCall {
    pub body: FunctionBody,
    pub args: Vec<Typed>,
    pub result: TypeOid,
}

/// How many uses and calls the levels had before a call's arguments were bound.
pub(super) struct Marks {
    uses: Vec<usize>,
    pub aggregates: usize,
    pub windows: usize,
}

impl Binder<'_> {
    pub(super) fn bind_call(
        &mut self,
        call: &ast::FuncCall,
        location: ast::Location,
    ) -> Result<Typed> {
        let unnested = super::session_functions::as_unnest(call);
        let call = unnested.as_ref().unwrap_or(call);
        let marks = self.marks();
        let args = self.bind_args(call, location)?;
        if call.within_group {
            return self.bind_ordered_set(call, args, marks, location);
        }
        let first_type = args.first().map(Typed::oid);
        let resolved = match self.resolve_call(call, args, location)? {
            Ok(resolved) => resolved,
            Err(coerced) => return Ok(coerced),
        };
        self.check_decorations(call, &resolved, location)?;
        match resolved.body {
            FunctionBody::Aggregate(def) => match &call.over {
                None => self.finish_aggregate(call, def, resolved, marks, location),
                Some(_) => self.finish_window(call, resolved, marks, location),
            },
            FunctionBody::Window(_) => self.finish_window(call, resolved, marks, location),
            FunctionBody::Scalar(def) => {
                self.make_call(def, resolved.args, resolved.result, location, location)
            }
            FunctionBody::Session(function) => {
                let ty = SqlType::new(resolved.result);
                let mut args: Vec<Expr> = resolved.args.into_iter().map(|a| a.expr).collect();
                // The type as it was written, which the value alone does not tell.
                if let ("pg_typeof", Some(first_type)) = (function.name, first_type) {
                    let regtype = SqlType::new(TypeOid::REGTYPE);
                    args.insert(0, Expr::constant(Datum::oid(first_type.0), regtype));
                }
                let expr = Expr::Session(SessionCall { function, args, ty });
                Ok(Typed::plain(expr, location))
            }
        }
    }

    pub(super) fn marks(&self) -> Marks {
        let level = self.levels.last();
        Marks {
            uses: self.levels.iter().map(|l| l.uses.len()).collect(),
            aggregates: level.map_or(0, |l| l.aggregates.len()),
            windows: level.map_or(0, |l| l.window_calls.len()),
        }
    }

    /// The innermost level whose columns were used since `marks`, and takes those uses back: inside
    /// an aggregate columns need not be grouped.
    pub(super) fn take_uses(&mut self, marks: &Marks) -> Option<usize> {
        let mut innermost = None;
        for (index, level) in self.levels.iter_mut().enumerate() {
            let before = marks.uses.get(index).copied().unwrap_or(0);
            if level.uses.len() > before {
                innermost = Some(index);
            }
        }
        if let Some(index) = innermost {
            let before = marks.uses.get(index).copied().unwrap_or(0);
            self.levels[index].uses.truncate(before);
        }
        innermost
    }

    fn bind_args(&mut self, call: &ast::FuncCall, location: ast::Location) -> Result<Vec<Typed>> {
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            if let Some(name) = &arg.name {
                let error = Error::not_implemented(format_args!("named argument \"{name}\""));
                return Err(self.error_at(location, error));
            }
            args.push(self.bind_expr(&arg.value)?);
        }
        Ok(args)
    }

    /// Chooses the overload and coerces the arguments. The inner error is no error: a call by a
    /// type's name that is a cast (`int4(x)`).
    pub(super) fn resolve_call(
        &mut self,
        call: &ast::FuncCall,
        args: Vec<Typed>,
        location: ast::Location,
    ) -> Result<std::result::Result<ResolvedCall, Typed>> {
        if let Some(schema) = call.name.schema()
            && self.cx.catalog.schema_by_name(schema).is_none()
        {
            let error = err!(
                sqlstate::INVALID_SCHEMA_NAME,
                "schema \"{schema}\" does not exist"
            );
            return Err(self.error_at(location, error));
        }
        let name = call.name.name();
        let inputs: Vec<TypeOid> = args.iter().map(Typed::oid).collect();
        let known = call.name.schema().is_none_or(|s| {
            s == "pg_catalog" || (s == "information_schema" && name.starts_with("_pg_"))
        });
        let all = if known {
            registry::overloads(name)
        } else {
            Vec::new()
        };
        let fitting = expand(&all, inputs.len(), call.variadic);
        let exact = fitting.iter().find(|c| c.args == inputs).map(|c| c.index);
        if exact.is_none()
            && args.len() == 1
            && known
            && let Some(coerced) = self.call_as_cast(name, &args[0], location)?
        {
            return Ok(Err(coerced));
        }
        let choice = match exact {
            Some(index) => Choice::One(index),
            None => choose(&self.types(), &inputs, fitting.clone()),
        };
        let Choice::One(index) = choice else {
            return Err(self.function_error(call, &inputs, &choice, location));
        };
        let declared = fitting
            .iter()
            .find(|c| c.index == index)
            .map(|c| c.args.clone());
        let declared = declared.ok_or_else(|| Error::internal("a chosen function is lost"))?;
        let overload = &all[index];
        let rules = self.types();
        let Some((wanted, result)) = rules.resolve_polymorphic(&inputs, &declared, overload.result)
        else {
            let error = Error::new(
                sqlstate::DATATYPE_MISMATCH,
                "could not determine polymorphic type because input has type unknown",
            );
            return Err(self.error_at(location, error));
        };
        let mut coerced = Vec::with_capacity(args.len());
        for (arg, target) in args.into_iter().zip(wanted) {
            let arg = match target {
                TypeOid::ANY => self.resolve_unknown(arg)?,
                _ => self.implicit(arg, target)?,
            };
            coerced.push(arg);
        }
        Ok(Ok(ResolvedCall {
            body: overload.body,
            args: coerced,
            result,
        }))
    }

    /// `type(x)` as a cast, where no function has exactly that argument.
    fn call_as_cast(
        &mut self,
        name: &str,
        arg: &Typed,
        location: ast::Location,
    ) -> Result<Option<Typed>> {
        let Some(target) = self.find_type(None, name) else {
            return Ok(None);
        };
        if types::type_info(target).is_some_and(|info| info.is_pseudo()) {
            return Ok(None);
        }
        let rules = self.types();
        let source = arg.oid();
        let context = CoercionContext::Explicit;
        let is_cast = source == TypeOid::UNKNOWN
            || match rules.pathway(source, target, context) {
                Some(Pathway::Relabel | Pathway::Function) => true,
                Some(Pathway::Text) => {
                    !(rules.is_composite(source) && rules.category(target) == b'S')
                }
                Some(Pathway::Array) | None => false,
            };
        if !is_cast {
            return Ok(None);
        }
        let mut done = self.coerce(arg.clone(), target.into(), context, location)?;
        done.location = location;
        Ok(Some(done))
    }

    fn function_error(
        &self,
        call: &ast::FuncCall,
        inputs: &[TypeOid],
        choice: &Choice,
        location: ast::Location,
    ) -> Error {
        let rules = self.types();
        let types: Vec<String> = inputs.iter().map(|oid| rules.name(*oid)).collect();
        let signature = format!("{}({})", call.name.parts.join("."), types.join(", "));
        let error = match choice {
            Choice::Ambiguous => err!(
                sqlstate::AMBIGUOUS_FUNCTION,
                "function {signature} is not unique"
            )
            .with_hint(
                "Could not choose a best candidate function. You might need to add explicit \
                     type casts.",
            ),
            _ => err!(
                sqlstate::UNDEFINED_FUNCTION,
                "function {signature} does not exist"
            )
            .with_hint(
                "No function matches the given name and argument types. You might need to add \
                     explicit type casts.",
            ),
        };
        self.error_at(location, error)
    }

    /// DISTINCT, ORDER BY, FILTER, OVER only where they belong.
    fn check_decorations(
        &self,
        call: &ast::FuncCall,
        resolved: &ResolvedCall,
        location: ast::Location,
    ) -> Result<()> {
        let name = call.name.parts.join(".");
        let aggregate = matches!(resolved.body, FunctionBody::Aggregate(_));
        let window = matches!(resolved.body, FunctionBody::Window(_));
        let not_aggregate =
            |what: &str| format!("{what} specified, but {name} is not an aggregate function");
        let (state, message) = if call.star && !aggregate {
            (
                sqlstate::WRONG_OBJECT_TYPE,
                format!("{name}(*) specified, but {name} is not an aggregate function"),
            )
        } else if call.distinct && !aggregate {
            (sqlstate::WRONG_OBJECT_TYPE, not_aggregate("DISTINCT"))
        } else if !call.order_by.is_empty() && !aggregate {
            (sqlstate::WRONG_OBJECT_TYPE, not_aggregate("ORDER BY"))
        } else if call.filter.is_some() && !aggregate {
            (sqlstate::WRONG_OBJECT_TYPE, not_aggregate("FILTER"))
        } else if call.over.is_some() && !aggregate && !window {
            let text = format!(
                "OVER specified, but {name} is not a window function nor an aggregate function"
            );
            (sqlstate::WRONG_OBJECT_TYPE, text)
        } else if window && call.over.is_none() {
            let text = format!("window function {name} requires an OVER clause");
            (sqlstate::WRONG_OBJECT_TYPE, text)
        } else if aggregate && call.args.is_empty() && !call.star {
            let text = format!("{name}(*) must be used to call a parameterless aggregate function");
            (sqlstate::WRONG_OBJECT_TYPE, text)
        } else {
            return Ok(());
        };
        Err(self.error_at(location, Error::new(state, message)))
    }

    /// A call of `pg_catalog` by its name, with bound arguments.
    pub(super) fn call_named(
        &mut self,
        name: &str,
        args: Vec<Typed>,
        location: ast::Location,
    ) -> Result<Typed> {
        let call = ast::FuncCall {
            name: ast::QualifiedName {
                parts: vec!["pg_catalog".into(), name.into()],
                location,
            },
            args: Vec::new(),
            star: false,
            distinct: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
            variadic: false,
            sql_syntax: false,
        };
        let resolved = match self.resolve_call(&call, args, location)? {
            Ok(resolved) => resolved,
            Err(coerced) => return Ok(coerced),
        };
        match resolved.body {
            FunctionBody::Scalar(def) => {
                self.make_call(def, resolved.args, resolved.result, location, location)
            }
            _ => Err(Error::internal(format!("{name} is not a plain function"))),
        }
    }

    /// The expression of a scalar call, or of a set-returning one in a select list.
    pub(super) fn make_call(
        &mut self,
        function: &'static FunctionDef,
        args: Vec<Typed>,
        result: TypeOid,
        at: ast::Location,
        location: ast::Location,
    ) -> Result<Typed> {
        let mut collation = CollationOf::None;
        let mut at = at;
        let mut exprs = Vec::with_capacity(args.len());
        for arg in args {
            collation = self.merge_at(collation, arg.collation, location)?;
            at = leftmost(at, arg.location);
            exprs.push(arg.expr);
        }
        let own = collation.for_result(result);
        // Functions for which an open collation is an error raise it; most do not care.
        let resolved = collation.resolve().unwrap_or_default();
        if let FunctionKind::Set { columns, .. } = function.kind {
            if let Some(message) = self.kind().set_error() {
                let error = Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message);
                return Err(self.error_at(location, error));
            }
            let kind = FunctionScanKind::Set {
                function,
                args: exprs,
                collation: resolved,
            };
            return self.select_list_set(kind, function.name, columns, result, own, location);
        }
        let ty = SqlType::new(result);
        let expr = Expr::Call {
            function,
            args: exprs,
            ty,
            collation: resolved,
        };
        Ok(Typed::new(expr, at, own))
    }

    /// A set-returning call in a select list: rows are made below the projection.
    fn select_list_set(
        &mut self,
        function: FunctionScanKind,
        name: &str,
        columns: &[(&'static str, TypeOid)],
        result: TypeOid,
        collation: CollationOf,
        location: ast::Location,
    ) -> Result<Typed> {
        let single = [(name, result)];
        let declared: Vec<(&str, TypeOid)> = if columns.is_empty() {
            single.to_vec()
        } else {
            columns.to_vec()
        };
        let ids: Vec<_> = declared
            .iter()
            .map(|(name, oid)| self.columns.add_computed(*name, SqlType::new(*oid)))
            .collect();
        if ids.len() > 1 {
            let named = declared.iter();
            let named = named.map(|(name, oid)| ((*name).to_owned(), SqlType::new(*oid)));
            self.columns.set_fields(ids[0], named.collect());
        }
        let item = FunctionScanItem {
            function,
            columns: ids.clone(),
        };
        self.level().set_returning.push(item);
        let mut fields: Vec<Expr> = ids
            .iter()
            .zip(&declared)
            .map(|(id, (_, oid))| Expr::column(*id, SqlType::new(*oid)))
            .collect();
        let expr = match columns.len() {
            0 | 1 => fields.remove(0),
            _ => Expr::Row {
                fields,
                names: declared.iter().map(|(name, _)| name.to_string()).collect(),
                ty: TypeOid::RECORD.into(),
            },
        };
        Ok(Typed::new(expr, location, collation))
    }
}

/// The overloads that take that many arguments, variadic ones spread out.
fn expand(all: &[Overload], count: usize, variadic_call: bool) -> Vec<Candidate> {
    let mut out: Vec<Candidate> = Vec::new();
    for (index, overload) in all.iter().enumerate() {
        let width = overload.args.len();
        let args = match overload.variadic {
            Some(element) if !variadic_call => {
                let fixed = width.saturating_sub(1);
                if count < fixed || (count == fixed && overload.defaults == 0) {
                    continue;
                }
                let spread = std::iter::repeat_n(element, count - fixed);
                overload.args[..fixed]
                    .iter()
                    .copied()
                    .chain(spread)
                    .collect()
            }
            _ if count <= width && count + overload.defaults >= width => {
                overload.args[..count].to_vec()
            }
            _ => continue,
        };
        // An overload written out wins over a variadic one of the same types.
        if let Some(same) = out.iter().position(|c| c.args == args) {
            if overload.variadic.is_some() {
                continue;
            }
            out.remove(same);
        }
        out.push(Candidate { index, args });
    }
    out
}
