//! Types that users create: enums, domains, composites, ranges.

use crate::TypeRef;
use crate::depend::Reference;
use crate::role::AclItem;
use crate::stored::stored;
use common::ObjectId;

stored! {
    /// `typtype` of a user's type.
    pub enum UserTypeKind {
        #[default]
        Enum = 0,
        Domain = 1,
        Composite = 2,
        Range = 3,
    }
}

stored! {
    /// A label of an enum. Values are stored by the label's oid; `order` sorts them.
    pub struct EnumLabel {
        pub oid: ObjectId,
        pub order: f64,
        pub label: String,
    }
}

stored! {
    /// A CHECK of a domain.
    pub struct DomainCheck {
        pub oid: ObjectId,
        pub name: String,
        /// Over `VALUE`, as deparsed SQL.
        pub expression: String,
        pub validated: bool,
    }
}

stored! {
    /// A type that a user created.
    pub struct UserType {
        pub oid: ObjectId,
        pub name: String,
        pub schema: ObjectId,
        pub owner: ObjectId,
        pub kind: UserTypeKind,
        /// The array over it.
        pub array: ObjectId,
        /// Of an enum, in order of creation.
        pub labels: Vec<EnumLabel>,
        /// Of a domain: the type beneath; of a range: its subtype.
        pub base: TypeRef,
        pub not_null: bool,
        pub default: Option<String>,
        pub checks: Vec<DomainCheck>,
        /// Of a composite: names and types, in order.
        pub fields: Vec<(String, TypeRef)>,
        pub references: Vec<Reference>,
        pub acl: Vec<AclItem>,
    }
}
