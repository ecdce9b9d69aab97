//! Which types have which comparison operators, and as what a pair is compared.

use crate::ir::Comparison;
use types::{TypeOid, all_types};

/// The comparison with that symbol.
pub(super) fn comparison(symbol: &str) -> Option<Comparison> {
    Some(match symbol {
        "=" => Comparison::Eq,
        "<>" | "!=" => Comparison::Ne,
        "<" => Comparison::Lt,
        "<=" => Comparison::Le,
        ">" => Comparison::Gt,
        ">=" => Comparison::Ge,
        _ => return None,
    })
}

const INTEGERS: [TypeOid; 3] = [TypeOid::INT2, TypeOid::INT4, TypeOid::INT8];
const FLOATS: [TypeOid; 2] = [TypeOid::FLOAT4, TypeOid::FLOAT8];
const DAYS: [TypeOid; 3] = [TypeOid::DATE, TypeOid::TIMESTAMP, TypeOid::TIMESTAMPTZ];
const TEXTS: [TypeOid; 2] = [TypeOid::NAME, TypeOid::TEXT];

/// Families within which every pair has an operator; the last member is the widest.
const FAMILIES: [&[TypeOid]; 4] = [&INTEGERS, &FLOATS, &DAYS, &TEXTS];

/// Types that can be told apart but not ordered.
const UNORDERED: [TypeOid; 3] = [TypeOid::XID, TypeOid::CID, TypeOid::ACLITEM];

/// Types whose values are compared as another type's, or not at all.
fn has_own_comparison(oid: TypeOid) -> bool {
    !matches!(
        oid,
        TypeOid::VARCHAR
            | TypeOid::JSON
            | TypeOid::UNKNOWN
            | TypeOid::REFCURSOR
            | TypeOid::PG_NODE_TREE
            | TypeOid::INT2VECTOR
            | TypeOid::REGPROC
            | TypeOid::REGPROCEDURE
            | TypeOid::REGOPER
            | TypeOid::REGOPERATOR
            | TypeOid::REGCLASS
            | TypeOid::REGTYPE
            | TypeOid::REGNAMESPACE
            | TypeOid::REGROLE
            | TypeOid::REGCOLLATION
    )
}

/// The operand types of a comparison's operators.
pub(super) fn pairs(op: Comparison) -> Vec<(TypeOid, TypeOid)> {
    let equality = matches!(op, Comparison::Eq | Comparison::Ne);
    let mut pairs = Vec::with_capacity(64);
    for info in all_types() {
        let own = info.typtype == b'b' && !info.is_array() && has_own_comparison(info.oid);
        if own && (equality || !UNORDERED.contains(&info.oid)) {
            pairs.push((info.oid, info.oid));
        }
    }
    for family in FAMILIES {
        for &left in family {
            for &right in family.iter().filter(|r| **r != left) {
                pairs.push((left, right));
            }
        }
    }
    pairs.push((TypeOid::ANYARRAY, TypeOid::ANYARRAY));
    pairs.push((TypeOid::ANYENUM, TypeOid::ANYENUM));
    pairs.push((TypeOid::RECORD, TypeOid::RECORD));
    if equality {
        pairs.push((TypeOid::XID, TypeOid::INT4));
    }
    pairs
}

/// The type as which a pair with an operator is compared.
pub(super) fn common(left: TypeOid, right: TypeOid) -> TypeOid {
    if left == right {
        return left;
    }
    let place = |family: &&[TypeOid], oid| family.iter().position(|t| *t == oid);
    for family in &FAMILIES {
        if let (Some(a), Some(b)) = (place(family, left), place(family, right)) {
            return family[a.max(b)];
        }
    }
    left
}

/// True if values of the type can be ordered, grouped and made distinct.
pub(super) fn is_orderable(oid: TypeOid) -> bool {
    !matches!(oid, TypeOid::JSON | TypeOid::PG_NODE_TREE) && !UNORDERED.contains(&oid)
}

/// True if equality is defined, as GROUP BY and DISTINCT need it.
pub(super) fn is_groupable(oid: TypeOid) -> bool {
    !matches!(oid, TypeOid::JSON | TypeOid::PG_NODE_TREE)
}
