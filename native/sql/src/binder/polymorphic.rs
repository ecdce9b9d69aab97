//! Polymorphic argument types: what `anyelement` and its kin stand for in one call
//! (`enforce_generic_type_consistency`).

use super::type_rules::{TypeRules, is_polymorphic};
use types::TypeOid;

/// What the families of polymorphic types stand for; invalid where a family does not occur.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Resolved {
    element: TypeOid,
    compatible: TypeOid,
}

impl TypeRules<'_> {
    /// True if the actual types can stand for the polymorphic ones (`check_generic_type_consistency`).
    pub fn polymorphic_fit(&self, actual: &[TypeOid], declared: &[TypeOid]) -> bool {
        self.resolve_families(actual, declared).is_some()
    }

    fn resolve_families(&self, actual: &[TypeOid], declared: &[TypeOid]) -> Option<Resolved> {
        let mut element = None;
        let mut common: Vec<TypeOid> = Vec::new();
        let mut element_seen = false;
        let mut compatible_seen = false;
        for (&own, &want) in actual.iter().zip(declared) {
            if !is_polymorphic(want) {
                continue;
            }
            let compatible = matches!(
                want,
                TypeOid::ANYCOMPATIBLE
                    | TypeOid::ANYCOMPATIBLEARRAY
                    | TypeOid::ANYCOMPATIBLENONARRAY
            );
            element_seen |= !compatible;
            compatible_seen |= compatible;
            if own == TypeOid::UNKNOWN {
                continue;
            }
            let base = self.base_type(own);
            let array = matches!(want, TypeOid::ANYARRAY | TypeOid::ANYCOMPATIBLEARRAY);
            let found = if array {
                self.array_element(base)?
            } else {
                own
            };
            let no_array = matches!(want, TypeOid::ANYNONARRAY | TypeOid::ANYCOMPATIBLENONARRAY);
            if no_array && self.element_type(base).is_some() {
                return None;
            }
            if want == TypeOid::ANYENUM && !self.is_enum(own) {
                return None;
            }
            if compatible {
                common.push(found);
            } else if element.is_some_and(|known| known != found) {
                return None;
            } else {
                element = Some(found);
            }
        }
        let compatible = match common.is_empty() {
            false => self.common_of(&common)?,
            true if compatible_seen => TypeOid::TEXT,
            true => TypeOid::INVALID,
        };
        // All untyped: `anyelement` of nothing but literals is text.
        let element = match element {
            None if element_seen => TypeOid::INVALID,
            other => other.unwrap_or(TypeOid::INVALID),
        };
        Some(Resolved {
            element,
            compatible,
        })
    }

    /// `anyarray` itself is an array without a known element (statistics columns).
    fn array_element(&self, oid: TypeOid) -> Option<TypeOid> {
        match oid {
            TypeOid::ANYARRAY => Some(TypeOid::ANYELEMENT),
            TypeOid::INT2VECTOR => Some(TypeOid::INT2),
            TypeOid::OIDVECTOR => Some(TypeOid::OID),
            other => self.element_type(other),
        }
    }

    fn common_of(&self, all: &[TypeOid]) -> Option<TypeOid> {
        let mut chosen = all[0];
        for &ty in &all[1..] {
            if ty == chosen {
                continue;
            }
            if self.category(ty) != self.category(chosen) {
                return None;
            }
            if !self.is_preferred(chosen)
                && self.can_coerce(&[chosen], &[ty])
                && !self.can_coerce(&[ty], &[chosen])
            {
                chosen = ty;
            }
        }
        all.iter()
            .all(|ty| self.can_coerce(&[*ty], &[chosen]))
            .then_some(chosen)
    }

    /// The declared types and the result type with everything polymorphic replaced. `None` where
    /// the actual types do not tell (all untyped).
    pub fn resolve_polymorphic(
        &self,
        actual: &[TypeOid],
        declared: &[TypeOid],
        result: TypeOid,
    ) -> Option<(Vec<TypeOid>, TypeOid)> {
        let families = self.resolve_families(actual, declared)?;
        let one = |oid| self.replace(families, oid);
        let args = actual.iter().zip(declared).map(|(own, want)| {
            // A vector type passes as the array it is.
            match (*own, *want) {
                (TypeOid::INT2VECTOR | TypeOid::OIDVECTOR, TypeOid::ANYARRAY) => Some(*own),
                _ => one(*want),
            }
        });
        let args: Option<Vec<TypeOid>> = args.collect();
        Some((args?, one(result)?))
    }

    fn replace(&self, families: Resolved, oid: TypeOid) -> Option<TypeOid> {
        let known = |oid: TypeOid| (oid != TypeOid::INVALID).then_some(oid);
        match oid {
            TypeOid::ANYELEMENT | TypeOid::ANYNONARRAY | TypeOid::ANYENUM => {
                known(families.element)
            }
            TypeOid::ANYARRAY => self.array_type(known(families.element)?),
            TypeOid::ANYCOMPATIBLE | TypeOid::ANYCOMPATIBLENONARRAY => known(families.compatible),
            TypeOid::ANYCOMPATIBLEARRAY => self.array_type(known(families.compatible)?),
            other => Some(other),
        }
    }
}
