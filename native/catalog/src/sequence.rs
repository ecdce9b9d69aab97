//! Sequences: their options. The running value is not here but in the sequence's file, since
//! nextval is not transactional.

use crate::TypeRef;
use crate::role::AclItem;
use crate::stored::stored;
use crate::table::Persistence;
use common::{FileId, ObjectId};

stored! {
    /// A sequence.
    pub struct Sequence {
        pub oid: ObjectId,
        pub name: String,
        pub schema: ObjectId,
        pub owner: ObjectId,
        pub persistence: Persistence,
        pub ty: TypeRef,
        pub start: i64,
        pub increment: i64,
        pub min: i64,
        pub max: i64,
        pub cache: i64,
        pub cycle: bool,
        /// The column it belongs to and goes with (`OWNED BY`, serial, identity): table and attnum.
        pub owned_by: Option<(ObjectId, i16)>,
        /// Of an identity column: it may not be dropped or altered on its own.
        pub internal: bool,
        /// Where its running value lies.
        pub file: FileId,
        pub acl: Vec<AclItem>,
    }
}
