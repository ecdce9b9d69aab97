//! Values of catalog columns.

use catalog::{AclItem, Catalog, UserType, UserTypeKind, privilege};
use common::ObjectId;
use types::{ArrayBuilder, Datum, DatumRef, Dim, Physical, TypeOid, build_array, physical_of};

/// A cell of a row; None is the column's default.
pub type Cell = Option<Datum>;

/// Microseconds from 1970 to 2000, where timestamps count from.
const EPOCH_2000_MICROS: i64 = 946_684_800_000_000;

pub fn oid(oid: ObjectId) -> Cell {
    Some(Datum::oid(oid.0))
}

pub fn number(oid: u32) -> Cell {
    Some(Datum::oid(oid))
}

pub fn text(text: &str) -> Cell {
    Some(Datum::text(text))
}

/// NULL for None.
pub fn maybe_text(value: Option<&str>) -> Cell {
    Some(value.map_or(Datum::Null, Datum::text))
}

/// `"char"`; the zero byte is the empty one.
pub fn letter(c: char) -> Cell {
    let byte = c as u8;
    Some(Datum::Bytes(if byte == 0 {
        [].into()
    } else {
        [byte].into()
    }))
}

pub fn flag(value: bool) -> Cell {
    Some(Datum::Bool(value))
}

pub fn int2(value: i16) -> Cell {
    Some(Datum::I16(value))
}

pub fn int4(value: i32) -> Cell {
    Some(Datum::I32(value))
}

pub fn int8(value: i64) -> Cell {
    Some(Datum::I64(value))
}

/// `yes_or_no` of `information_schema`.
pub fn yes_no(value: bool) -> Cell {
    text(if value { "YES" } else { "NO" })
}

/// A timestamptz from microseconds since 1970.
pub fn time(unix_micros: i64) -> Cell {
    Some(Datum::I64(unix_micros - EPOCH_2000_MICROS))
}

pub fn null() -> Cell {
    Some(Datum::Null)
}

/// `smallint[]`.
pub fn int2_array(values: &[i16]) -> Cell {
    Some(build_array(
        TypeOid::INT2,
        values.iter().map(|v| DatumRef::I16(*v)),
    ))
}

pub fn oid_array(values: impl IntoIterator<Item = u32>) -> Cell {
    let values = values.into_iter().map(|v| DatumRef::I32(v as i32));
    Some(build_array(TypeOid::OID, values))
}

/// `regtype[]`.
pub fn regtype_array(types: impl IntoIterator<Item = TypeOid>) -> Cell {
    let values = types.into_iter().map(|ty| DatumRef::I32(ty.0 as i32));
    Some(build_array(TypeOid::REGTYPE, values))
}

/// An array of text, name or the like.
pub fn text_array<'a>(elem: TypeOid, values: impl IntoIterator<Item = &'a str>) -> Cell {
    let values = values.into_iter().map(|v| DatumRef::Bytes(v.as_bytes()));
    Some(build_array(elem, values))
}

/// `int2vector`: an array from subscript 0.
pub fn int2_vector(values: &[i16]) -> Cell {
    Some(vector(
        TypeOid::INT2,
        values.iter().map(|v| DatumRef::I16(*v)),
    ))
}

/// `oidvector`: an array from subscript 0.
pub fn oid_vector(values: impl IntoIterator<Item = u32>) -> Cell {
    Some(vector(
        TypeOid::OID,
        values.into_iter().map(|v| DatumRef::I32(v as i32)),
    ))
}

fn vector<'a>(elem: TypeOid, values: impl IntoIterator<Item = DatumRef<'a>>) -> Datum {
    let mut builder = ArrayBuilder::new(elem);
    values.into_iter().for_each(|value| builder.push(value));
    let dim = Dim {
        len: builder.len() as u32,
        lower: 0,
    };
    let stored = builder
        .finish_dims(&[dim])
        .expect("one dimension of the elements' number");
    Datum::Bytes(stored.into())
}

/// `key=value` texts; NULL for none.
pub fn options(options: &[(String, String)]) -> Cell {
    if options.is_empty() {
        return null();
    }
    let texts: Vec<_> = options
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    text_array(TypeOid::TEXT, texts.iter().map(String::as_str))
}

/// Privileges as `aclitem[]`; NULL for the owner's defaults.
pub fn acl(catalog: &Catalog, items: &[AclItem]) -> Cell {
    if items.is_empty() {
        return null();
    }
    let texts: Vec<_> = items.iter().map(|item| acl_text(catalog, item)).collect();
    text_array(TypeOid::ACLITEM, texts.iter().map(String::as_str))
}

/// `grantee=privileges/grantor`.
pub fn acl_text(catalog: &Catalog, item: &AclItem) -> String {
    let role = |oid: ObjectId| match catalog.role(oid) {
        Some(role)
            if role
                .name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
        {
            role.name.clone()
        }
        Some(role) => format!("\"{}\"", role.name.replace('"', "\"\"")),
        None => oid.to_string(),
    };
    let mut text = if item.grantee.0 == 0 {
        String::new()
    } else {
        role(item.grantee)
    };
    text.push('=');
    for (bit, letter) in privilege::LETTERS.chars().enumerate() {
        if item.privileges >> bit & 1 != 0 {
            text.push(letter);
            if item.grant_options >> bit & 1 != 0 {
                text.push('*');
            }
        }
    }
    text.push('/');
    text.push_str(&role(item.grantor));
    text
}

/// A composite type that is no table's: it has a relation of its own number.
pub fn composite_relation(ty: &UserType) -> Option<ObjectId> {
    (ty.kind == UserTypeKind::Composite).then_some(ty.oid)
}

/// The zero of a type.
pub fn zero(ty: TypeOid) -> Datum {
    match physical_of(ty) {
        Physical::Bool => Datum::Bool(false),
        Physical::I16 => Datum::I16(0),
        Physical::I32 => Datum::I32(0),
        Physical::I64 => Datum::I64(0),
        Physical::F32 => Datum::F32(0.0),
        Physical::F64 => Datum::F64(0.0),
        Physical::Fixed16 => Datum::Fixed16([0; 16]),
        Physical::Bytes => match ty {
            TypeOid::INT2VECTOR => vector(TypeOid::INT2, []),
            TypeOid::OIDVECTOR => vector(TypeOid::OID, []),
            _ => Datum::text(""),
        },
    }
}
