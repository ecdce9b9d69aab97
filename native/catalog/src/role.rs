//! Roles, memberships and privileges.

use crate::stored::stored;
use common::ObjectId;

stored! {
    /// A role (`pg_authid`).
    pub struct Role {
        pub oid: ObjectId,
        pub name: String,
        pub superuser: bool,
        pub inherit: bool,
        pub create_role: bool,
        pub create_db: bool,
        pub login: bool,
        pub replication: bool,
        pub bypass_rls: bool,
        /// -1: no limit.
        pub connection_limit: i32,
        /// SCRAM-SHA-256 or md5 verifier.
        pub password: Option<String>,
        /// Microseconds since 2000-01-01 00:00 UTC.
        pub valid_until: Option<i64>,
        /// `ALTER ROLE ... SET`.
        pub settings: Vec<(String, String)>,
        pub member_of: Vec<Membership>,
    }
}

stored! {
    /// Membership of a role in another.
    pub struct Membership {
        pub role: ObjectId,
        pub grantor: ObjectId,
        pub admin: bool,
    }
}

/// Privileges as bits, PostgreSQL's `AclMode`.
pub mod privilege {
    pub const INSERT: u32 = 1;
    pub const SELECT: u32 = 1 << 1;
    pub const UPDATE: u32 = 1 << 2;
    pub const DELETE: u32 = 1 << 3;
    pub const TRUNCATE: u32 = 1 << 4;
    pub const REFERENCES: u32 = 1 << 5;
    pub const TRIGGER: u32 = 1 << 6;
    pub const EXECUTE: u32 = 1 << 7;
    pub const USAGE: u32 = 1 << 8;
    pub const CREATE: u32 = 1 << 9;
    pub const TEMPORARY: u32 = 1 << 10;
    pub const CONNECT: u32 = 1 << 11;

    /// Letter of each bit, from bit 0 (`ACL_ALL_RIGHTS_STR`).
    pub const LETTERS: &str = "arwdDxtXUCTc";
}

stored! {
    /// What a role may do with an object (`aclitem`).
    pub struct AclItem {
        /// 0 is PUBLIC.
        pub grantee: ObjectId,
        pub grantor: ObjectId,
        pub privileges: u32,
        pub grant_options: u32,
    }
}
