//! Databases and schemas.

use crate::role::AclItem;
use crate::stored::stored;
use common::ObjectId;

stored! {
    /// The database. An engine holds one.
    pub struct Database {
        pub oid: ObjectId,
        pub name: String,
        pub owner: ObjectId,
        /// `ALTER DATABASE ... SET`.
        pub settings: Vec<(String, String)>,
        pub acl: Vec<AclItem>,
    }
}

stored! {
    /// A schema.
    pub struct Schema {
        pub oid: ObjectId,
        pub name: String,
        pub owner: ObjectId,
        pub acl: Vec<AclItem>,
    }
}
