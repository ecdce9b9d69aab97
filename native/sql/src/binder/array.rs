//! Arrays, subscripts and fields.

use super::binder::Binder;
use super::collation::CollationOf;
use super::type_rules::CoercionContext;
use super::typed::Typed;
use crate::ir::{Expr, SubscriptItem};
use common::{Error, Result, err, sqlstate};
use parser as ast;
use types::{SqlType, TypeOid};

impl Binder<'_> {
    /// `ARRAY[...]`; `element` where a cast says what the elements are (`transformArrayExpr`).
    pub(super) fn bind_array(
        &mut self,
        elements: &[ast::Expr],
        target: Option<TypeOid>,
        location: ast::Location,
    ) -> Result<Typed> {
        let element = target.and_then(|t| self.types().element_type(t));
        let mut bound = Vec::with_capacity(elements.len());
        let mut nested = false;
        for item in elements {
            let value = match &item.kind {
                ast::ExprKind::Array(inner) => {
                    nested = true;
                    self.bind_array(inner, target, item.location)?
                }
                _ => self.bind_expr(item)?,
            };
            nested |= self.types().element_type(value.oid()).is_some();
            bound.push(value);
        }
        let (array, item) = match (target.zip(element), bound.is_empty()) {
            (Some((array, element)), _) => (array, if nested { array } else { element }),
            (None, true) => {
                let error = Error::new(
                    sqlstate::INDETERMINATE_DATATYPE,
                    "cannot determine type of empty array",
                )
                .with_hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].");
                return Err(self.error_at(location, error));
            }
            (None, false) => {
                let all: Vec<&Typed> = bound.iter().collect();
                let common = self.common_type(&all, "ARRAY")?;
                match nested && self.types().element_type(common).is_some() {
                    true => (common, common),
                    false => (self.array_over(common, location)?, common),
                }
            }
        };
        let mut collation = CollationOf::None;
        let mut exprs = Vec::with_capacity(bound.len());
        for value in bound {
            let value = match target {
                Some(_) => self.array_element(value, item)?,
                None => self.coerce_to_common(value, item, "ARRAY")?,
            };
            collation = self.merge_at(collation, value.collation, location)?;
            exprs.push(value.expr);
        }
        let expr = Expr::Array {
            elements: exprs,
            nested,
            ty: array.into(),
        };
        Ok(Typed::new(expr, location, collation.for_result(array)))
    }

    fn array_element(&mut self, value: Typed, item: TypeOid) -> Result<Typed> {
        let (from, at) = (value.oid(), value.location);
        let done = self.coerce_to_target(value, item.into(), CoercionContext::Explicit, at)?;
        done.ok_or_else(|| self.cannot_cast(from, item, at))
    }

    pub(super) fn array_over(&self, element: TypeOid, location: ast::Location) -> Result<TypeOid> {
        self.types().array_type(element).ok_or_else(|| {
            let name = self.types().name(element);
            let error = err!(
                sqlstate::UNDEFINED_OBJECT,
                "could not find array type for data type {name}"
            );
            self.error_at(location, error)
        })
    }

    /// `arg[1]`, `(arg).field`; steps are applied from left to right.
    pub(super) fn bind_indirection(
        &mut self,
        arg: &ast::Expr,
        path: &[ast::Indirection],
        location: ast::Location,
    ) -> Result<Typed> {
        let mut value = self.bind_expr(arg)?;
        let mut rest = path;
        while let Some(step) = rest.first() {
            match step {
                ast::Indirection::Star => {
                    let error = Error::new(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        "row expansion via \"*\" is not supported here",
                    );
                    return Err(self.error_at(location, error));
                }
                ast::Indirection::Field(name) => {
                    value = self.field(value, name, location)?;
                    rest = &rest[1..];
                }
                _ => {
                    let is_subscript = |s: &&ast::Indirection| {
                        !matches!(s, ast::Indirection::Field(_) | ast::Indirection::Star)
                    };
                    let count = rest.iter().take_while(is_subscript).count();
                    value = self.subscript(value, &rest[..count], location)?;
                    rest = &rest[count..];
                }
            }
        }
        Ok(value)
    }

    /// The fields of an anonymous record, where the query says what they are
    /// (`expandRecordVariable`): those of `ROW(...)` are f1, f2 and so on, those of a set-returning
    /// function are its columns.
    pub(super) fn record_fields(&self, expr: &Expr) -> Option<Vec<(String, SqlType)>> {
        match expr {
            Expr::Column { id, ty } if ty.oid == TypeOid::RECORD => {
                self.columns.fields(*id).map(<[_]>::to_vec)
            }
            Expr::Row { fields, ty, .. } if ty.oid == TypeOid::RECORD => {
                let first = fields.first().filter(|f| f.ty().oid != TypeOid::RECORD);
                let first = first.and_then(Expr::as_column);
                if let Some(named) = first.and_then(|id| self.columns.fields(id))
                    && named.len() == fields.len()
                {
                    return Some(named.to_vec());
                }
                let numbered = fields.iter().enumerate();
                let numbered = numbered.map(|(i, field)| (format!("f{}", i + 1), field.ty()));
                Some(numbered.collect())
            }
            _ => None,
        }
    }

    /// A field of a composite value.
    pub(super) fn field(
        &mut self,
        arg: Typed,
        name: &str,
        location: ast::Location,
    ) -> Result<Typed> {
        let oid = self.types().base_type(arg.oid());
        let named = self.fields_of(oid);
        if let Some(fields) = named {
            let Some(index) = fields.iter().position(|(field, _)| field == name) else {
                let ty = self.types().name(oid);
                let error = err!(
                    sqlstate::UNDEFINED_COLUMN,
                    "column \"{name}\" not found in data type {ty}"
                );
                return Err(self.error_at(location, error));
            };
            let ty = fields[index].1;
            return Ok(field_of(arg, index, ty));
        }
        if oid == TypeOid::RECORD {
            let fields = self.record_fields(&arg.expr).unwrap_or_default();
            if let Some(index) = fields.iter().position(|(field, _)| field == name) {
                return Ok(field_of(arg, index, fields[index].1));
            }
            let error = err!(
                sqlstate::UNDEFINED_COLUMN,
                "could not identify column \"{name}\" in record data type"
            );
            return Err(self.error_at(location, error));
        }
        let ty = self.types().name(oid);
        let error = err!(
            sqlstate::WRONG_OBJECT_TYPE,
            "column notation .{name} applied to type {ty}, which is not a composite type"
        );
        Err(self.error_at(location, error))
    }

    fn subscript(
        &mut self,
        arg: Typed,
        steps: &[ast::Indirection],
        location: ast::Location,
    ) -> Result<Typed> {
        let base = self.types().base(arg.ty());
        if base.oid == TypeOid::JSONB {
            return self.json_subscript(arg, steps, location);
        }
        let element = match base.oid {
            TypeOid::INT2VECTOR => TypeOid::INT2,
            TypeOid::OIDVECTOR => TypeOid::OID,
            TypeOid::NAME => TypeOid::CHAR,
            oid => match self.types().element_type(oid) {
                Some(element) => element,
                None => {
                    let name = self.types().name(arg.oid());
                    let error = err!(
                        sqlstate::DATATYPE_MISMATCH,
                        "cannot subscript type {name} because it does not support subscripting"
                    );
                    return Err(self.error_at(location, error));
                }
            },
        };
        let mut items = Vec::with_capacity(steps.len());
        for step in steps {
            items.push(match step {
                ast::Indirection::Index(index) => SubscriptItem::Index(self.bound(index)?),
                ast::Indirection::Slice { lower, upper } => SubscriptItem::Slice(
                    lower.as_ref().map(|e| self.bound(e)).transpose()?,
                    upper.as_ref().map(|e| self.bound(e)).transpose()?,
                ),
                _ => return Err(Error::internal("a field among subscripts")),
            });
        }
        let sliced = items.iter().any(|i| matches!(i, SubscriptItem::Slice(..)));
        let ty = match sliced {
            true => base,
            false => SqlType::with_typmod(element, base.typmod),
        };
        let at = arg.location;
        let collation = arg.collation.for_result(ty.oid);
        let expr = Expr::Subscript {
            arg: Box::new(arg.expr),
            items,
            ty,
        };
        Ok(Typed::new(expr, at, collation))
    }

    /// A bound of a subscript: an integer, by assignment.
    fn bound(&mut self, index: &ast::Expr) -> Result<Expr> {
        let bound = self.bind_expr(index)?;
        let at = bound.location;
        let context = CoercionContext::Assignment;
        match self.coerce_to_target(bound, TypeOid::INT4.into(), context, at)? {
            Some(bound) => Ok(bound.expr),
            None => {
                let message = "array subscript must have type integer";
                Err(self.error_at(at, Error::new(sqlstate::DATATYPE_MISMATCH, message)))
            }
        }
    }

    /// `document['key'][0]` is the path operator `->`, step by step.
    fn json_subscript(
        &mut self,
        arg: Typed,
        steps: &[ast::Indirection],
        location: ast::Location,
    ) -> Result<Typed> {
        let mut value = arg;
        for step in steps {
            let ast::Indirection::Index(key) = step else {
                let message = "jsonb subscript does not support slices";
                let error = Error::new(sqlstate::DATATYPE_MISMATCH, message);
                return Err(self.error_at(location, error));
            };
            let key = self.bind_expr(key)?;
            value = self.operate_named("->", value, key, location)?;
        }
        Ok(value)
    }
}

fn field_of(arg: Typed, index: usize, ty: SqlType) -> Typed {
    let location = arg.location;
    // A field of a row made on the spot is the expression itself.
    let expr = match arg.expr {
        Expr::Row { mut fields, .. } if index < fields.len() => fields.swap_remove(index),
        other => Expr::Field {
            arg: Box::new(other),
            index: index as u16,
            ty,
        },
    };
    Typed::plain(expr, location)
}
