//! What is known of each built-in type, by object id and by name.

use crate::physical::Physical;
use crate::type_oid::TypeOid;
use crate::type_table::TYPES;

/// One row of `pg_type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeInfo {
    pub oid: TypeOid,
    /// `typname`: "int4".
    pub name: &'static str,
    /// What `format_type` answers without a modifier: "integer".
    pub sql_name: &'static str,
    /// Bytes, -1 for variable, -2 for a C string: PostgreSQL's `typlen`, not our storage.
    pub len: i16,
    pub by_value: bool,
    /// `typcategory`: 'N' numeric, 'S' string, 'D' date and time, 'B' boolean, 'A' array ...
    pub category: u8,
    /// Whether implicit casts prefer it within its category.
    pub preferred: bool,
    /// The array type over this one, or [`TypeOid::INVALID`].
    pub array_oid: TypeOid,
    /// The element type of an array (also of name, int2vector, oidvector), or invalid.
    pub elem_oid: TypeOid,
    pub physical: Physical,
    /// `typalign`: 'c', 's', 'i' or 'd'.
    pub align: u8,
    /// 'b' base, 'p' pseudo.
    pub typtype: u8,
    pub delim: u8,
}

impl TypeInfo {
    /// A true array (`_int4`), whose values carry the array encoding.
    pub fn is_array(&self) -> bool {
        self.category == b'A' && self.len == -1
    }

    pub fn is_pseudo(&self) -> bool {
        self.typtype == b'p'
    }
}

const OID_MAX: usize = 5120;
const NONE: u8 = u8::MAX;

/// Position in [`TYPES`] by object id.
static BY_OID: [u8; OID_MAX] = {
    let mut index = [NONE; OID_MAX];
    let mut i = 0;
    while i < TYPES.len() {
        index[TYPES[i].oid.0 as usize] = i as u8;
        i += 1;
    }
    index
};

/// All built-in types, by ascending object id.
pub fn all_types() -> &'static [TypeInfo] {
    TYPES
}

/// What is known of a built-in type.
#[inline]
pub fn type_info(oid: TypeOid) -> Option<&'static TypeInfo> {
    let at = *BY_OID.get(oid.0 as usize)?;
    TYPES.get(at as usize)
}

/// How values of the type are stored. Types that users make are variable bytes, except domains,
/// which the binder replaces by their base.
#[inline]
pub fn physical_of(oid: TypeOid) -> Physical {
    type_info(oid).map_or(Physical::Bytes, |info| info.physical)
}

/// `typlen`: bytes of a fixed-size type, -1 for others.
pub fn type_len(oid: TypeOid) -> i16 {
    type_info(oid).map_or(-1, |info| info.len)
}

/// The element type of an array type.
pub fn element_of(array: TypeOid) -> Option<TypeOid> {
    type_info(array)
        .filter(|info| info.is_array())
        .map(|info| info.elem_oid)
}

/// The array type over an element type.
pub fn array_of(element: TypeOid) -> Option<TypeOid> {
    type_info(element)
        .map(|info| info.array_oid)
        .filter(|&oid| oid != TypeOid::INVALID)
}

/// Names of SQL's grammar that are not `typname`s.
const ALIASES: &[(&str, TypeOid)] = &[
    ("boolean", TypeOid::BOOL),
    ("smallint", TypeOid::INT2),
    ("int", TypeOid::INT4),
    ("integer", TypeOid::INT4),
    ("bigint", TypeOid::INT8),
    ("real", TypeOid::FLOAT4),
    ("float", TypeOid::FLOAT8),
    ("double precision", TypeOid::FLOAT8),
    ("decimal", TypeOid::NUMERIC),
    ("dec", TypeOid::NUMERIC),
    ("character varying", TypeOid::VARCHAR),
    ("character", TypeOid::BPCHAR),
    ("\"char\"", TypeOid::CHAR),
    ("\"any\"", TypeOid::ANY),
    ("time without time zone", TypeOid::TIME),
    ("time with time zone", TypeOid::TIMETZ),
    ("timestamp without time zone", TypeOid::TIMESTAMP),
    ("timestamp with time zone", TypeOid::TIMESTAMPTZ),
];

/// Finds a type by `typname`, by its name in SQL, or either with a trailing `[]`. The name is
/// folded to lower case and trimmed. "char" unquoted in SQL is `bpchar`; the grammar settles that
/// before, so here `char` is the one-byte type.
pub fn type_by_name(name: &str) -> Option<&'static TypeInfo> {
    let name = name.trim().to_ascii_lowercase();
    if let Some(element) = name.strip_suffix("[]") {
        let element = type_by_name(element.trim_end().trim_end_matches("[]"))?;
        return type_info(array_of(element.oid)?);
    }
    if let Some(info) = TYPES.iter().find(|info| info.name == name) {
        return Some(info);
    }
    ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .and_then(|&(_, oid)| type_info(oid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_arrays_point_back() {
        assert!(TYPES.windows(2).all(|w| w[0].oid < w[1].oid));
        assert!(TYPES.len() < NONE as usize);
        for info in TYPES {
            if let Some(array) = type_info(info.array_oid) {
                assert_eq!(array.elem_oid, info.oid, "{}", info.name);
            }
        }
    }

    #[test]
    fn names_are_found() {
        assert_eq!(type_by_name("Int").map(|t| t.oid), Some(TypeOid::INT4));
        assert_eq!(
            type_by_name("double precision").map(|t| t.oid),
            Some(TypeOid::FLOAT8)
        );
        assert_eq!(
            type_by_name("integer[]").map(|t| t.oid),
            Some(TypeOid::INT4_ARRAY)
        );
        assert_eq!(
            type_by_name("_text").map(|t| t.oid),
            Some(TypeOid::TEXT_ARRAY)
        );
        assert!(type_by_name("nothing").is_none());
    }
}
