//! `pg_type`, `pg_enum`, `pg_range`: built-in types, users' types, row types of relations.

use catalog::{Catalog, Table, UserType, UserTypeKind, oid as known};
use common::{ObjectId, Result};
use types::{TypeOid, type_info};

use super::cells::{Cell, acl, flag, int2, int4, letter, null, number, oid, text};
use super::fixed_rows::{add_fixed, fixed_rows};
use super::row_set::RowSet;

/// How values of a type lie in a row, as PostgreSQL tells it.
#[derive(Clone, Copy, Debug)]
pub struct TypeTraits {
    pub len: i16,
    pub by_value: bool,
    pub align: char,
    pub storage: char,
    pub collation: ObjectId,
    /// The type by which operator classes know it.
    pub class_type: TypeOid,
}

const VARLENA: TypeTraits = TypeTraits {
    len: -1,
    by_value: false,
    align: 'i',
    storage: 'x',
    collation: ObjectId(0),
    class_type: TypeOid::RECORD,
};

/// The traits of a built-in or a user's type.
pub fn type_traits(catalog: &Catalog, ty: ObjectId) -> TypeTraits {
    let oid = TypeOid(ty.0);
    if let Some(info) = type_info(oid) {
        let storage = match oid {
            TypeOid::NUMERIC => 'm',
            TypeOid::INT2VECTOR | TypeOid::OIDVECTOR => 'p',
            _ if info.len != -1 => 'p',
            _ => 'x',
        };
        let collation = match oid {
            TypeOid::NAME | TypeOid::NAME_ARRAY => known::COLLATION_C,
            TypeOid::TEXT
            | TypeOid::VARCHAR
            | TypeOid::BPCHAR
            | TypeOid::TEXT_ARRAY
            | TypeOid::VARCHAR_ARRAY
            | TypeOid::BPCHAR_ARRAY => known::COLLATION_DEFAULT,
            _ => ObjectId(0),
        };
        return TypeTraits {
            len: info.len,
            by_value: info.by_value,
            align: info.align as char,
            storage,
            collation,
            class_type: oid,
        };
    }
    match catalog.user_type(ty).map(|t| (t.kind, t.base.oid)) {
        Some((UserTypeKind::Enum, _)) => TypeTraits {
            len: 4,
            by_value: true,
            storage: 'p',
            class_type: TypeOid::ANYENUM,
            ..VARLENA
        },
        Some((UserTypeKind::Domain, base)) => type_traits(catalog, base),
        Some((UserTypeKind::Range, _)) => VARLENA,
        // Composite types align as their widest field may.
        Some((UserTypeKind::Composite, _)) => TypeTraits {
            align: 'd',
            ..VARLENA
        },
        None => match catalog.table_of_row_type(ty) {
            Some(_) => TypeTraits {
                align: 'd',
                ..VARLENA
            },
            None => VARLENA,
        },
    }
}

/// True for array types, built-in and over users' types.
pub fn is_array(catalog: &Catalog, ty: ObjectId) -> bool {
    match type_info(TypeOid(ty.0)) {
        Some(info) => info.is_array(),
        None => {
            ty >= known::FIRST_USER
                && catalog.user_type(ty).is_none()
                && catalog.table_of_row_type(ty).is_none()
        }
    }
}

// Functions that all types of a kind share.
const ARRAY: [u32; 4] = [750, 751, 2400, 2401];
const RECORD: [u32; 4] = [2290, 2291, 2402, 2403];
const ENUM: [u32; 4] = [3504, 3505, 3532, 3533];
const RANGE: [u32; 4] = [3834, 3835, 3836, 3837];
const DOMAIN_IN: u32 = 2597;
const DOMAIN_RECV: u32 = 2598;
const ARRAY_SUBSCRIPT: u32 = 6179;
const ARRAY_ANALYZE: u32 = 3816;

fn io_cell(io: [u32; 4], name: &str) -> Cell {
    match name {
        "typinput" => number(io[0]),
        "typoutput" => number(io[1]),
        "typreceive" => number(io[2]),
        "typsend" => number(io[3]),
        _ => None,
    }
}

/// The four functions of a built-in type.
fn io_of(ty: ObjectId) -> [u32; 4] {
    let mut rows = fixed_rows("pg_type").filter(|row| row.oid("oid") == ty.0);
    rows.next().map_or([0; 4], |row| {
        ["typinput", "typoutput", "typreceive", "typsend"].map(|column| row.oid(column))
    })
}

pub fn types(catalog: &Catalog, out: &mut RowSet<'_>) -> Result<()> {
    add_fixed(
        out,
        |row| type_info(TypeOid(row.oid("oid"))).is_some(),
        |_, _| None,
    )?;
    let rows = || catalog.all_tables().filter(|t| t.row_type.0 != 0);
    out.fill(rows(), |table, name| row_type_cell(table, name));
    let arrays = rows().filter(|t| t.row_array_type.0 != 0);
    out.fill(arrays, |table, name| {
        let of = ArrayOf {
            array: table.row_array_type,
            element: table.row_type,
            name: &table.name,
            schema: table.schema,
            owner: table.owner,
        };
        of.cell(catalog, name)
    });
    out.fill(catalog.user_types(), |ty, name| {
        user_type_cell(catalog, ty, name)
    });
    let arrays = catalog.user_types().filter(|ty| ty.array.0 != 0);
    out.fill(arrays, |ty, name| {
        let of = ArrayOf {
            array: ty.array,
            element: ty.oid,
            name: &ty.name,
            schema: ty.schema,
            owner: ty.owner,
        };
        of.cell(catalog, name)
    });
    Ok(())
}

/// What is alike in all types that are made here.
fn common_cell(name: &str) -> Cell {
    match name {
        "typisdefined" => flag(true),
        "typdelim" => letter(','),
        "typtypmod" => int4(-1),
        "typlen" => int2(-1),
        "typalign" => letter('d'),
        "typstorage" => letter('x'),
        _ => None,
    }
}

/// The type of a relation's rows.
fn row_type_cell(table: &Table, name: &str) -> Cell {
    match name {
        "oid" => oid(table.row_type),
        "typname" => text(&table.name),
        "typnamespace" => oid(table.schema),
        "typowner" => oid(table.owner),
        "typtype" => letter('c'),
        "typcategory" => letter('C'),
        "typrelid" => oid(table.oid),
        "typarray" => oid(table.row_array_type),
        _ => io_cell(RECORD, name).or_else(|| common_cell(name)),
    }
}

/// An array type that is not built in.
struct ArrayOf<'a> {
    array: ObjectId,
    element: ObjectId,
    name: &'a str,
    schema: ObjectId,
    owner: ObjectId,
}

impl ArrayOf<'_> {
    fn cell(&self, catalog: &Catalog, name: &str) -> Cell {
        let traits = || type_traits(catalog, self.element);
        match name {
            "oid" => oid(self.array),
            "typname" => text(&array_name(self.name)),
            "typnamespace" => oid(self.schema),
            "typowner" => oid(self.owner),
            "typtype" => letter('b'),
            "typcategory" => letter('A'),
            "typelem" => oid(self.element),
            "typsubscript" => number(ARRAY_SUBSCRIPT),
            "typanalyze" => number(ARRAY_ANALYZE),
            "typalign" => letter(if traits().align == 'd' { 'd' } else { 'i' }),
            "typcollation" => oid(traits().collation),
            _ => io_cell(ARRAY, name).or_else(|| common_cell(name)),
        }
    }
}

/// `_name`, cut to the length of a name.
pub fn array_name(element: &str) -> String {
    const NAME_MAX_BYTES: usize = 63;
    let mut name = format!("_{element}");
    while name.len() > NAME_MAX_BYTES {
        name.pop();
    }
    name
}

fn user_type_cell(catalog: &Catalog, ty: &UserType, name: &str) -> Cell {
    let traits = || type_traits(catalog, ty.oid);
    match name {
        "oid" => oid(ty.oid),
        "typname" => text(&ty.name),
        "typnamespace" => oid(ty.schema),
        "typowner" => oid(ty.owner),
        "typlen" => int2(traits().len),
        "typbyval" => flag(traits().by_value),
        "typalign" => letter(traits().align),
        "typstorage" => letter(traits().storage),
        "typcollation" => oid(traits().collation),
        "typtype" => letter(match ty.kind {
            UserTypeKind::Enum => 'e',
            UserTypeKind::Domain => 'd',
            UserTypeKind::Composite => 'c',
            UserTypeKind::Range => 'r',
        }),
        "typcategory" => letter(match ty.kind {
            UserTypeKind::Enum => 'E',
            UserTypeKind::Composite => 'C',
            UserTypeKind::Range => 'R',
            UserTypeKind::Domain => {
                type_info(TypeOid(ty.base.oid.0)).map_or('U', |info| info.category as char)
            }
        }),
        "typrelid" if ty.kind == UserTypeKind::Composite => oid(ty.oid),
        "typarray" => oid(ty.array),
        "typnotnull" => flag(ty.not_null),
        "typbasetype" if ty.kind == UserTypeKind::Domain => oid(ty.base.oid),
        "typtypmod" if ty.kind == UserTypeKind::Domain => int4(ty.base.typmod),
        "typdefault" => ty.default.as_deref().map_or_else(null, text),
        "typdefaultbin" => ty.default.as_deref().map_or_else(null, text),
        "typacl" => acl(catalog, &ty.acl),
        _ => io_cell(user_io(ty), name).or_else(|| common_cell(name)),
    }
}

fn user_io(ty: &UserType) -> [u32; 4] {
    match ty.kind {
        UserTypeKind::Enum => ENUM,
        UserTypeKind::Composite => RECORD,
        UserTypeKind::Range => RANGE,
        UserTypeKind::Domain => {
            let base = io_of(ty.base.oid);
            [DOMAIN_IN, base[1], DOMAIN_RECV, base[3]]
        }
    }
}

pub fn labels(catalog: &Catalog, out: &mut RowSet<'_>) {
    let labels = catalog
        .user_types()
        .flat_map(|ty| ty.labels.iter().map(move |l| (ty.oid, l)));
    out.fill(labels, |(ty, label), name| match name {
        "oid" => oid(label.oid),
        "enumtypid" => oid(*ty),
        "enumsortorder" => Some(types::Datum::F32(label.order as f32)),
        "enumlabel" => text(&label.label),
        _ => None,
    });
}

pub fn ranges(catalog: &Catalog, out: &mut RowSet<'_>) {
    let ranges = catalog
        .user_types()
        .filter(|ty| ty.kind == UserTypeKind::Range);
    out.fill(ranges, |ty, name| match name {
        "rngtypid" => oid(ty.oid),
        "rngsubtype" => oid(ty.base.oid),
        "rngcollation" => oid(type_traits(catalog, ty.base.oid).collation),
        _ => None,
    });
}
