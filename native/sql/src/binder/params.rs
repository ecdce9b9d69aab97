//! Parameters and the types that their uses give them (`parse_param.c`).

use super::binder::Binder;
use super::typed::Typed;
use crate::ir::Expr;
use common::{Error, Result, err, limits, sqlstate};
use parser::Location;
use types::{SqlType, TypeOid};

/// What is known of a statement's parameters before it is bound. `unknown` and invalid types are to
/// be inferred.
#[derive(Clone, Copy, Debug)]
pub enum ParamTypes<'p> {
    /// There may be more than these.
    Open(&'p [TypeOid]),
    /// There are no others: the query message and definitions have none, what was bound before has
    /// those that it had.
    Fixed(&'p [TypeOid]),
}

/// The parameters of one statement.
#[derive(Debug, Default)]
pub(super) struct Params {
    /// By number from 0; `None`: mentioned or declared without a type.
    types: Vec<Option<SqlType>>,
    /// No others than these may be mentioned (PREPARE and Parse may add some, SQL bodies not).
    fixed: bool,
}

impl Binder<'_> {
    pub fn declare_params(&mut self, params: ParamTypes<'_>) {
        let (ParamTypes::Open(types) | ParamTypes::Fixed(types)) = params;
        self.params.fixed = matches!(params, ParamTypes::Fixed(_));
        let known = |oid: &TypeOid| {
            let open = matches!(*oid, TypeOid::INVALID | TypeOid::UNKNOWN);
            (!open).then(|| SqlType::new(*oid))
        };
        self.params.types = types.iter().map(known).collect();
    }

    /// Refuses parameters that are not known yet from here on.
    pub fn forbid_params(&mut self) {
        self.params.fixed = true;
    }

    pub(super) fn bind_param(&mut self, number: u32, location: Location) -> Result<Typed> {
        let index = (number as usize).wrapping_sub(1);
        let is_refused = self.params.fixed && index >= self.params.types.len();
        if number == 0 || index >= limits::MAX_PARAMETERS || is_refused {
            let error = err!(
                sqlstate::UNDEFINED_PARAMETER,
                "there is no parameter ${number}"
            );
            return Err(self.error_at(location, error));
        }
        if self.params.types.len() <= index {
            self.params.types.resize(index + 1, None);
        }
        let ty = self.params.types[index].unwrap_or(SqlType::new(TypeOid::UNKNOWN));
        Ok(Typed::plain(
            Expr::Param {
                index: index as u16,
                ty,
            },
            location,
        ))
    }

    /// A use of an untyped parameter where `target` is wanted settles its type.
    pub(super) fn settle_param(
        &mut self,
        index: u16,
        target: TypeOid,
        location: Location,
    ) -> Result<Typed> {
        let slot = &mut self.params.types[index as usize];
        match slot {
            None => *slot = Some(SqlType::new(target)),
            Some(known) if known.oid == target => {}
            Some(known) => {
                let (known, wanted) = (*known, self.types().name(target));
                let error = err!(
                    sqlstate::AMBIGUOUS_PARAMETER,
                    "inconsistent types deduced for parameter ${}",
                    index + 1
                )
                .with_detail(format!("{} versus {wanted}", self.types().name(known.oid)));
                return Err(self.error_at(location, error));
            }
        }
        let ty = SqlType::new(target);
        Ok(Typed::plain(Expr::Param { index, ty }, location))
    }

    /// The types of all parameters, after binding. 42P18 if one stayed open.
    pub(super) fn param_types(&self) -> Result<Vec<SqlType>> {
        let mut types = Vec::with_capacity(self.params.types.len());
        for (index, ty) in self.params.types.iter().enumerate() {
            types.push(ty.ok_or_else(|| {
                Error::new(
                    sqlstate::INDETERMINATE_DATATYPE,
                    format!("could not determine data type of parameter ${}", index + 1),
                )
            })?);
        }
        Ok(types)
    }
}
