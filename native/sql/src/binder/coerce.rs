//! Coercion of bound expressions (`parse_coerce.c`).
//!
//! Untyped literals are read as the wanted type on the spot, untyped parameters take it; other
//! expressions get a cast node. A modifier (`varchar(3)`) is a second step, for values that do not
//! have it yet.

use super::binder::Binder;
use super::collation::CollationOf;
use super::type_rules::CoercionContext;
use super::typed::Typed;
use crate::ir::{CastExpr, Expr};
use common::{Error, Result, err, sqlstate};
use parser::Location;
use types::{Datum, SqlType, TypeOid};

impl Binder<'_> {
    /// Coerces to a type and its modifier; `None` where PostgreSQL knows no way.
    pub(super) fn coerce_to_target(
        &mut self,
        arg: Typed,
        target: SqlType,
        context: CoercionContext,
        location: Location,
    ) -> Result<Option<Typed>> {
        if !self
            .types()
            .can_coerce_in(&[arg.oid()], &[target.oid], context)
        {
            return Ok(None);
        }
        let source = arg.ty();
        let coerced = self.coerce(arg, target, context, location)?;
        let base = self.types().base(target);
        if base.typmod < 0 || source == base || coerced.ty().typmod == base.typmod {
            return Ok(Some(coerced));
        }
        Ok(Some(self.apply_modifier(coerced, base, context)))
    }

    fn apply_modifier(&mut self, arg: Typed, ty: SqlType, context: CoercionContext) -> Typed {
        let (location, collation) = (arg.location, arg.collation);
        // The value was just cast: one cast to the type with its modifier does both.
        let inner = match arg.expr {
            Expr::Cast(cast) if cast.to.oid == ty.oid && cast.to.typmod < 0 => cast.arg,
            other => other,
        };
        if matches!(
            inner,
            Expr::Const {
                value: Datum::Null,
                ..
            }
        ) {
            return Typed::new(Expr::null(ty), location, collation);
        }
        let explicit = context == CoercionContext::Explicit;
        let expr = Expr::Cast(Box::new(CastExpr {
            arg: inner,
            to: ty,
            explicit,
        }));
        Typed::new(expr, location, collation)
    }

    /// Coerces to a type (`coerce_type`); the caller has asked `can_coerce`. The modifier of
    /// `target` only matters where reading a literal needs it (interval).
    pub(super) fn coerce(
        &mut self,
        arg: Typed,
        target: SqlType,
        context: CoercionContext,
        location: Location,
    ) -> Result<Typed> {
        let source = arg.oid();
        if source == target.oid || is_any(target.oid) {
            return Ok(arg);
        }
        if source == TypeOid::UNKNOWN {
            match &arg.expr {
                Expr::Const { .. } => return self.read_literal(arg, target),
                Expr::Param { index, .. } => {
                    return self.settle_param(*index, target.oid, arg.location);
                }
                _ => {}
            }
        }
        if self.types().pathway(source, target.oid, context).is_none() {
            return self.coerce_row(arg, target.oid, context, location);
        }
        let base = self.types().base_type(target.oid);
        let collation = arg.collation.for_result(base);
        let expr = cast(
            arg.expr,
            SqlType::new(base),
            context == CoercionContext::Explicit,
        );
        Ok(Typed::new(expr, arg.location, collation))
    }

    /// An untyped literal becomes a value of the type.
    fn read_literal(&mut self, arg: Typed, target: SqlType) -> Result<Typed> {
        let Expr::Const { value, .. } = &arg.expr else {
            return Err(Error::internal("an untyped literal was expected"));
        };
        let base = self.types().base(target);
        let typmod = if base.oid == TypeOid::INTERVAL {
            base.typmod
        } else {
            -1
        };
        let ty = SqlType::with_typmod(base.oid, typmod);
        let value = match value.as_ref().as_str() {
            None => Datum::Null,
            Some(text) => {
                self.note_literal(base.oid);
                let value = self.read_text(text, ty, arg.location)?;
                if let (TypeOid::REGCLASS, Some(oid)) = (base.oid, value.as_ref().as_oid()) {
                    self.record_object(arg.location, oid);
                }
                value
            }
        };
        let collation = match arg.collation {
            CollationOf::Explicit(oid) => CollationOf::Explicit(oid),
            _ => CollationOf::of_type(base.oid),
        };
        Ok(Typed::new(
            Expr::constant(value, ty),
            arg.location,
            collation,
        ))
    }

    /// Rows: `ROW(...)` to a composite type, field by field.
    fn coerce_row(
        &mut self,
        arg: Typed,
        target: TypeOid,
        context: CoercionContext,
        location: Location,
    ) -> Result<Typed> {
        if target == TypeOid::RECORD {
            let expr = match arg.expr {
                Expr::Row { fields, names, .. } => Expr::Row {
                    fields,
                    names,
                    ty: target.into(),
                },
                other => cast(other, target.into(), false),
            };
            return Ok(Typed::plain(expr, arg.location));
        }
        if let (Expr::Row { .. }, Some(types)) = (&arg.expr, self.fields_of(target)) {
            let Expr::Row { fields, .. } = arg.expr else {
                return Err(Error::internal("a row was expected"));
            };
            if fields.len() != types.len() {
                let name = self.types().name(target);
                let error = err!(sqlstate::CANNOT_COERCE, "cannot cast type record to {name}");
                let detail = match fields.len() < types.len() {
                    true => "Input has too few columns.",
                    false => "Input has too many columns.",
                };
                return Err(self.error_at(location, error.with_detail(detail)));
            }
            let mut coerced = Vec::with_capacity(fields.len());
            let names = types.iter().map(|(name, _)| name.clone()).collect();
            for (field, (_, ty)) in fields.into_iter().zip(types) {
                let field = Typed::plain(field, arg.location);
                let from = field.oid();
                let done = self.coerce_to_target(field, ty, context, location)?;
                coerced.push(
                    done.ok_or_else(|| self.cannot_cast(from, ty.oid, location))?
                        .expr,
                );
            }
            let row = Expr::Row {
                fields: coerced,
                names,
                ty: target.into(),
            };
            return Ok(Typed::plain(row, arg.location));
        }
        Err(self.cannot_cast(arg.oid(), target, location))
    }

    pub(super) fn cannot_cast(&self, from: TypeOid, to: TypeOid, location: Location) -> Error {
        let (from, to) = (self.types().name(from), self.types().name(to));
        let error = err!(sqlstate::CANNOT_COERCE, "cannot cast type {from} to {to}");
        self.error_at(location, error)
    }

    /// `argument of WHERE must be type boolean, not type integer`.
    pub(super) fn coerce_to_boolean(&mut self, arg: Typed, construct: &str) -> Result<Typed> {
        self.coerce_to_specific(arg, TypeOid::BOOL.into(), construct)
    }

    /// Coerces by assignment to a fixed type (`coerce_to_specific_type`).
    pub(super) fn coerce_to_specific(
        &mut self,
        arg: Typed,
        target: SqlType,
        construct: &str,
    ) -> Result<Typed> {
        let (from, location) = (arg.oid(), arg.location);
        if from == target.oid {
            return Ok(arg);
        }
        let context = CoercionContext::Assignment;
        match self.coerce_to_target(arg, target, context, location)? {
            Some(coerced) => Ok(coerced),
            None => {
                let (to, from) = (self.types().name(target.oid), self.types().name(from));
                let error = err!(
                    sqlstate::DATATYPE_MISMATCH,
                    "argument of {construct} must be type {to}, not type {from}"
                );
                Err(self.error_at(location, error))
            }
        }
    }

    /// The type that values of these types have in common (`select_common_type`).
    pub(super) fn common_type(&self, args: &[&Typed], construct: &str) -> Result<TypeOid> {
        match self.common_type_or_mismatch(args) {
            Ok(oid) => Ok(oid),
            Err((one, other)) => {
                let types = self.types();
                let (a, b) = (types.name(one), types.name(other.oid()));
                let error = err!(
                    sqlstate::DATATYPE_MISMATCH,
                    "{construct} types {a} and {b} cannot be matched"
                );
                Err(self.error_at(other.location, error))
            }
        }
    }

    /// As [`Binder::common_type`]; of an impossible choice the type so far and the odd argument.
    pub(super) fn common_type_or_mismatch<'t>(
        &self,
        args: &[&'t Typed],
    ) -> std::result::Result<TypeOid, (TypeOid, &'t Typed)> {
        let rules = self.types();
        let Some(first) = args.first() else {
            return Ok(TypeOid::TEXT);
        };
        let mut chosen = first.oid();
        if chosen != TypeOid::UNKNOWN && args.iter().all(|a| a.oid() == chosen) {
            return Ok(chosen);
        }
        chosen = rules.base_type(chosen);
        let mut category = rules.category(chosen);
        for arg in &args[1..] {
            let ty = rules.base_type(arg.oid());
            if ty == TypeOid::UNKNOWN || ty == chosen {
                continue;
            }
            let own = rules.category(ty);
            if chosen == TypeOid::UNKNOWN {
                (chosen, category) = (ty, own);
            } else if own != category {
                return Err((chosen, arg));
            } else if !rules.is_preferred(chosen)
                && rules.can_coerce(&[chosen], &[ty])
                && !rules.can_coerce(&[ty], &[chosen])
            {
                (chosen, category) = (ty, own);
            }
        }
        Ok(if chosen == TypeOid::UNKNOWN {
            TypeOid::TEXT
        } else {
            chosen
        })
    }

    /// Coerces implicitly to the common type of a construct (`coerce_to_common_type`).
    pub(super) fn coerce_to_common(
        &mut self,
        arg: Typed,
        target: TypeOid,
        construct: &str,
    ) -> Result<Typed> {
        let (from, location) = (arg.oid(), arg.location);
        if from == target {
            return Ok(arg);
        }
        if self.types().can_coerce(&[from], &[target]) {
            return self.coerce(arg, target.into(), CoercionContext::Implicit, location);
        }
        let (from, to) = (self.types().name(from), self.types().name(target));
        let error = err!(
            sqlstate::CANNOT_COERCE,
            "{construct} could not convert type {from} to {to}"
        );
        Err(self.error_at(location, error))
    }

    /// The modifier that all values share, or -1 (`select_common_typmod`).
    pub(super) fn common_typmod(args: &[&Typed], oid: TypeOid) -> i32 {
        let mut typmods = args.iter().map(|a| a.ty());
        let Some(first) = typmods.next().filter(|ty| ty.oid == oid) else {
            return -1;
        };
        match typmods.all(|ty| ty == first) {
            true => first.typmod,
            false => -1,
        }
    }

    /// Makes sure that an output column has a type: untyped ones become text.
    pub(super) fn resolve_unknown(&mut self, arg: Typed) -> Result<Typed> {
        if !arg.is_unknown() {
            return Ok(arg);
        }
        let location = arg.location;
        self.coerce(
            arg,
            TypeOid::TEXT.into(),
            CoercionContext::Implicit,
            location,
        )
    }
}

fn is_any(oid: TypeOid) -> bool {
    oid == TypeOid::ANY || super::type_rules::is_polymorphic(oid)
}

/// A cast node, or the constant it comes to where that is plain.
pub(super) fn cast(arg: Expr, to: SqlType, explicit: bool) -> Expr {
    if arg.ty() == to {
        return arg;
    }
    if let Expr::Const { value, ty } = &arg
        && let Some(folded) = fold(value, ty.oid, to)
    {
        return Expr::constant(folded, to);
    }
    Expr::Cast(Box::new(CastExpr { arg, to, explicit }))
}

/// Casts of constants that cannot fail and depend on nothing.
fn fold(value: &Datum, from: TypeOid, to: SqlType) -> Option<Datum> {
    if to.typmod >= 0 {
        return None;
    }
    let text = |oid| matches!(oid, TypeOid::TEXT | TypeOid::VARCHAR);
    match (value, to.oid) {
        (Datum::Null, _) => Some(Datum::Null),
        (Datum::Bytes(_), to) if text(from) && text(to) => Some(value.clone()),
        (Datum::I16(v), TypeOid::INT4) => Some(Datum::I32((*v).into())),
        (Datum::I16(v), TypeOid::INT8) => Some(Datum::I64((*v).into())),
        (Datum::I32(v), TypeOid::INT8) if from == TypeOid::INT4 => Some(Datum::I64((*v).into())),
        (Datum::I32(v), TypeOid::INT2) if from == TypeOid::INT4 => {
            i16::try_from(*v).ok().map(Datum::I16)
        }
        (Datum::I32(v), TypeOid::FLOAT8) if from == TypeOid::INT4 => Some(Datum::F64((*v).into())),
        (Datum::I32(v), TypeOid::OID) if from == TypeOid::INT4 => Some(Datum::I32(*v)),
        (Datum::I32(_) | Datum::I64(_), TypeOid::NUMERIC)
            if matches!(from, TypeOid::INT4 | TypeOid::INT8) =>
        {
            let digits = value.as_ref().as_i64()?.to_string();
            types::parse_text(to, &digits, &types::TextContext::default()).ok()
        }
        _ => None,
    }
}
