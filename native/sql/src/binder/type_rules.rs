//! Questions about types that resolution asks: category, preference, coercibility.
//!
//! Built-in types come from the crate `types`, users' from the catalog.

use super::registry;
use catalog::{Catalog, UserTypeKind};
use common::ObjectId;
use types::{SqlType, TypeOid, type_info};

/// How far a coercion may go (`CoercionContext`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CoercionContext {
    Implicit,
    Assignment,
    Explicit,
}

/// How a value gets from one type to another (`CoercionPathType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pathway {
    /// The same bytes under another name.
    Relabel,
    /// A function of `pg_cast`.
    Function,
    /// Each element by its own pathway.
    Array,
    /// Through the text form.
    Text,
}

/// The rules over one version of the catalog.
#[derive(Debug, Clone, Copy)]
pub(super) struct TypeRules<'a> {
    pub catalog: &'a Catalog,
}

impl TypeRules<'_> {
    /// The type beneath a domain (`getBaseType`).
    pub fn base_type(&self, oid: TypeOid) -> TypeOid {
        self.base(SqlType::new(oid)).oid
    }

    /// The type beneath a domain, with the domain's modifier.
    pub fn base(&self, ty: SqlType) -> SqlType {
        let mut ty = ty;
        while let Some(domain) = self.user(ty.oid).filter(|t| t.kind == UserTypeKind::Domain) {
            ty = SqlType::with_typmod(TypeOid(domain.base.oid.0), domain.base.typmod);
        }
        ty
    }

    fn user(&self, oid: TypeOid) -> Option<&catalog::UserType> {
        if oid.0 < catalog::oid::FIRST_USER.0 {
            return None;
        }
        self.catalog.user_type(ObjectId(oid.0)).map(|ty| &**ty)
    }

    pub fn is_enum(&self, oid: TypeOid) -> bool {
        self.user(oid).is_some_and(|t| t.kind == UserTypeKind::Enum)
    }

    pub fn is_composite(&self, oid: TypeOid) -> bool {
        oid == TypeOid::RECORD
            || self
                .user(oid)
                .is_some_and(|t| t.kind == UserTypeKind::Composite)
            || self.catalog.table_of_row_type(ObjectId(oid.0)).is_some()
    }

    /// `typcategory`.
    pub fn category(&self, oid: TypeOid) -> u8 {
        if let Some(info) = type_info(oid) {
            return info.category;
        }
        match self.user(oid).map(|t| t.kind) {
            Some(UserTypeKind::Enum) => b'E',
            Some(UserTypeKind::Domain) => self.category(self.base_type(oid)),
            Some(UserTypeKind::Range) => b'R',
            Some(UserTypeKind::Composite) => b'C',
            None if self.element_type(oid).is_some() => b'A',
            None if self.is_composite(oid) => b'C',
            None => b'U',
        }
    }

    pub fn is_preferred(&self, oid: TypeOid) -> bool {
        type_info(oid).is_some_and(|info| info.preferred)
    }

    /// `IsPreferredType`: preferred, and of that category (0 is any).
    pub fn is_preferred_in(&self, category: u8, oid: TypeOid) -> bool {
        (category == 0 || self.category(oid) == category) && self.is_preferred(oid)
    }

    /// The element type of a true array.
    pub fn element_type(&self, oid: TypeOid) -> Option<TypeOid> {
        if let Some(info) = type_info(oid) {
            return info.is_array().then_some(info.elem_oid);
        }
        let array = ObjectId(oid.0);
        let user = self
            .catalog
            .user_types()
            .find(|t| t.array == array)
            .map(|t| t.oid);
        let row = || {
            self.catalog
                .tables()
                .find(|t| t.row_array_type == array)
                .map(|t| t.row_type)
        };
        user.or_else(row).map(|element| TypeOid(element.0))
    }

    pub fn array_type(&self, element: TypeOid) -> Option<TypeOid> {
        if type_info(element).is_some() {
            return types::array_of(element);
        }
        let oid = match self.user(element) {
            Some(user) => user.array,
            None => {
                self.catalog
                    .table_of_row_type(ObjectId(element.0))?
                    .row_array_type
            }
        };
        (oid.0 != 0).then_some(TypeOid(oid.0))
    }

    /// The type's name as messages give it (`format_type_be`).
    pub fn name(&self, oid: TypeOid) -> String {
        self.name_of(SqlType::new(oid))
    }

    pub fn name_of(&self, ty: SqlType) -> String {
        if type_info(ty.oid).is_some() {
            return types::format_type(ty.oid, ty.typmod);
        }
        if let Some(user) = self.user(ty.oid) {
            return common::quote_identifier(&user.name).into_owned();
        }
        if let Some(table) = self.catalog.table_of_row_type(ObjectId(ty.oid.0)) {
            return common::quote_identifier(&table.name).into_owned();
        }
        match self.element_type(ty.oid) {
            Some(element) => format!("{}[]", self.name(element)),
            None => types::format_type(ty.oid, ty.typmod),
        }
    }

    /// `can_coerce_type` with implicit coercion, argument by argument.
    pub fn can_coerce(&self, inputs: &[TypeOid], targets: &[TypeOid]) -> bool {
        self.can_coerce_in(inputs, targets, CoercionContext::Implicit)
    }

    pub fn can_coerce_in(
        &self,
        inputs: &[TypeOid],
        targets: &[TypeOid],
        context: CoercionContext,
    ) -> bool {
        let mut polymorphic = false;
        for (&input, &target) in inputs.iter().zip(targets) {
            if input == target || target == TypeOid::ANY {
                continue;
            }
            if is_polymorphic(target) {
                polymorphic = true;
                continue;
            }
            if input == TypeOid::UNKNOWN {
                continue;
            }
            if self.pathway(input, target, context).is_some() {
                continue;
            }
            let rows = (input == TypeOid::RECORD && self.is_composite(target))
                || (self.is_composite(input) && target == TypeOid::RECORD);
            if !rows {
                return false;
            }
        }
        !polymorphic || self.polymorphic_fit(inputs, targets)
    }

    /// How `source` becomes `target`, if it may in this context (`find_coercion_pathway`).
    pub fn pathway(
        &self,
        source: TypeOid,
        target: TypeOid,
        context: CoercionContext,
    ) -> Option<Pathway> {
        let source = self.base_type(source);
        let target = self.base_type(target);
        if source == target {
            return Some(Pathway::Relabel);
        }
        if let Some((allowed, pathway)) = registry::cast(source, target) {
            return (context >= allowed).then_some(pathway);
        }
        if let (Some(from), Some(to)) = (self.element_type(source), self.element_type(target))
            && !matches!(target, TypeOid::OIDVECTOR | TypeOid::INT2VECTOR)
            && let Some(element) = self.pathway(from, to, context)
        {
            return Some(match element {
                Pathway::Relabel => Pathway::Relabel,
                _ => Pathway::Array,
            });
        }
        if context >= CoercionContext::Assignment && self.category(target) == b'S' {
            return Some(Pathway::Text);
        }
        if context >= CoercionContext::Explicit && self.category(source) == b'S' {
            return Some(Pathway::Text);
        }
        None
    }
}

/// The `any...` types whose actual types must agree among the arguments.
pub(super) fn is_polymorphic(oid: TypeOid) -> bool {
    matches!(
        oid,
        TypeOid::ANYELEMENT
            | TypeOid::ANYARRAY
            | TypeOid::ANYNONARRAY
            | TypeOid::ANYENUM
            | TypeOid::ANYCOMPATIBLE
            | TypeOid::ANYCOMPATIBLEARRAY
            | TypeOid::ANYCOMPATIBLENONARRAY
    )
}
