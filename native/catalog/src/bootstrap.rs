//! What a new data directory's catalog holds.

use crate::role::{AclItem, privilege};
use crate::{CatalogChange, Database, Role, Schema, oid};
use common::ObjectId;

/// The objects of an empty database: one superuser, one database, the system's schemas, `public`.
/// The virtual relations of `pg_catalog` and `information_schema` are not stored.
pub fn bootstrap(superuser: &str, database: &str) -> Vec<CatalogChange> {
    let role = Role {
        oid: oid::SUPERUSER,
        name: superuser.into(),
        superuser: true,
        inherit: true,
        create_role: true,
        create_db: true,
        login: true,
        replication: true,
        bypass_rls: true,
        connection_limit: -1,
        ..Role::default()
    };
    let owner = Role {
        oid: oid::DATABASE_OWNER,
        name: "pg_database_owner".into(),
        inherit: true,
        connection_limit: -1,
        ..Role::default()
    };
    let grant = |grantee: u32, grantor, privileges| AclItem {
        grantee: ObjectId(grantee),
        grantor,
        privileges,
        grant_options: 0,
    };
    let system_acl = vec![
        grant(
            oid::SUPERUSER.0,
            oid::SUPERUSER,
            privilege::USAGE | privilege::CREATE,
        ),
        grant(0, oid::SUPERUSER, privilege::USAGE),
    ];
    let public_acl = vec![
        grant(
            oid::DATABASE_OWNER.0,
            oid::DATABASE_OWNER,
            privilege::USAGE | privilege::CREATE,
        ),
        grant(0, oid::DATABASE_OWNER, privilege::USAGE),
    ];
    let schema = |oid, name: &str, owner, acl| {
        CatalogChange::put(Schema {
            oid,
            name: name.into(),
            owner,
            acl,
        })
    };
    vec![
        CatalogChange::put(role),
        CatalogChange::put(owner),
        CatalogChange::put(Database {
            oid: oid::DATABASE,
            name: database.into(),
            owner: oid::SUPERUSER,
            ..Database::default()
        }),
        schema(
            oid::PG_CATALOG,
            "pg_catalog",
            oid::SUPERUSER,
            system_acl.clone(),
        ),
        schema(oid::PG_TOAST, "pg_toast", oid::SUPERUSER, Vec::new()),
        schema(
            oid::INFORMATION_SCHEMA,
            "information_schema",
            oid::SUPERUSER,
            system_acl,
        ),
        schema(oid::PUBLIC, "public", oid::DATABASE_OWNER, public_acl),
    ]
}
