//! `pg_namespace`, `pg_database`, `pg_authid`, `pg_auth_members`, `pg_db_role_setting`.

use catalog::{Catalog, oid as known};
use common::ObjectId;
use types::{Datum, TypeOid};

use super::cells::{acl, flag, int4, letter, maybe_text, oid, text, text_array};
use super::row_set::RowSet;

/// UTF8.
const ENCODING: i32 = 6;

pub fn schemas(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.schemas(), |schema, name| match name {
        "oid" => oid(schema.oid),
        "nspname" => text(&schema.name),
        "nspowner" => oid(schema.owner),
        "nspacl" => acl(catalog, &schema.acl),
        _ => None,
    });
}

pub fn databases(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.databases(), |database, name| match name {
        "oid" => oid(database.oid),
        "datname" => text(&database.name),
        "datdba" => oid(database.owner),
        "encoding" => int4(ENCODING),
        "datlocprovider" => letter('c'),
        "datallowconn" => flag(true),
        "datconnlimit" => int4(-1),
        "dattablespace" => oid(known::DEFAULT_TABLESPACE),
        "datcollate" | "datctype" => text("C"),
        "datacl" => acl(catalog, &database.acl),
        _ => None,
    });
}

pub fn roles(catalog: &Catalog, out: &mut RowSet<'_>) {
    out.fill(catalog.roles(), |role, name| match name {
        "oid" => oid(role.oid),
        "rolname" => text(&role.name),
        "rolsuper" => flag(role.superuser),
        "rolinherit" => flag(role.inherit),
        "rolcreaterole" => flag(role.create_role),
        "rolcreatedb" => flag(role.create_db),
        "rolcanlogin" => flag(role.login),
        "rolreplication" => flag(role.replication),
        "rolbypassrls" => flag(role.bypass_rls),
        "rolconnlimit" => int4(role.connection_limit),
        "rolpassword" => maybe_text(role.password.as_deref()),
        "rolvaliduntil" => Some(role.valid_until.map_or(Datum::Null, Datum::I64)),
        _ => None,
    });
}

pub fn members(catalog: &Catalog, out: &mut RowSet<'_>) {
    let all = catalog
        .roles()
        .flat_map(|role| role.member_of.iter().map(move |m| (role.oid, m)));
    out.fill(all, |(member, membership), name| match name {
        "roleid" => oid(membership.role),
        "member" => oid(*member),
        "grantor" => oid(membership.grantor),
        "admin_option" => flag(membership.admin),
        _ => None,
    });
}

/// Settings of the database and of roles.
pub fn settings(catalog: &Catalog, out: &mut RowSet<'_>) {
    let none = ObjectId(0);
    let of_databases = catalog.databases().map(|d| (d.oid, none, &d.settings));
    let of_roles = catalog.roles().map(|r| (none, r.oid, &r.settings));
    let all = of_databases
        .chain(of_roles)
        .filter(|(_, _, settings)| !settings.is_empty());
    out.fill(all, |(database, role, settings), name| match name {
        "setdatabase" => oid(*database),
        "setrole" => oid(*role),
        "setconfig" => {
            let texts: Vec<_> = settings.iter().map(|(k, v)| format!("{k}={v}")).collect();
            text_array(TypeOid::TEXT, texts.iter().map(String::as_str))
        }
        _ => None,
    });
}
