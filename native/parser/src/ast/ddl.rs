//! Statements that create, change and drop objects other than tables.

use super::{
    Constraint, Expr, Location, NullsOrder, Persistence, QualifiedName, Query, RelationName,
    RoleSpec, SortDirection, Statement, TypeName, UtilityOption,
};

/// Kinds of objects as DROP, RENAME, COMMENT and their like name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    AccessMethod,
    Aggregate,
    Attribute,
    Cast,
    Collation,
    Column,
    Conversion,
    Database,
    Domain,
    DomainConstraint,
    EventTrigger,
    Extension,
    ForeignDataWrapper,
    ForeignServer,
    ForeignTable,
    Function,
    Index,
    Language,
    LargeObject,
    MaterializedView,
    Operator,
    OperatorClass,
    OperatorFamily,
    Policy,
    Procedure,
    Publication,
    Role,
    Routine,
    Rule,
    Schema,
    Sequence,
    Statistics,
    Subscription,
    Table,
    TableConstraint,
    Tablespace,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Transform,
    Trigger,
    Type,
    UserMapping,
    View,
    /// What the grammar may name but no statement of ours takes.
    Other,
}

/// DROP of relations, schemas, types and other objects that a dotted name identifies.
#[derive(Debug, Clone, PartialEq)]
pub struct Drop {
    pub kind: ObjectKind,
    pub names: Vec<QualifiedName>,
    pub if_exists: bool,
    pub cascade: bool,
    /// DROP INDEX CONCURRENTLY.
    pub concurrently: bool,
}

/// RENAME of an object or of a part of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    /// What is renamed: `Column` and `TableConstraint` are named by `part`.
    pub kind: ObjectKind,
    /// For a part: what it is a part of (`ALTER VIEW v RENAME COLUMN ..`); else `kind`.
    pub relation_kind: ObjectKind,
    /// A relation (perhaps qualified), a schema, a database or a role.
    pub name: RelationName,
    pub only: bool,
    pub part: Option<String>,
    pub new_name: String,
    pub if_exists: bool,
}

/// `ALTER .. SET SCHEMA`.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterSchemaOf {
    pub kind: ObjectKind,
    pub name: RelationName,
    pub new_schema: String,
    pub if_exists: bool,
}

/// `ALTER .. OWNER TO` of objects that are not relations.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterOwner {
    pub kind: ObjectKind,
    pub name: QualifiedName,
    pub new_owner: RoleSpec,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    pub name: Option<String>,
    pub table: RelationName,
    pub only: bool,
    /// `btree` where USING was not written.
    pub method: String,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    pub concurrently: bool,
    pub if_not_exists: bool,
    pub elems: Vec<IndexElem>,
    pub include: Vec<IndexElem>,
    pub options: Vec<UtilityOption>,
    pub tablespace: Option<String>,
    pub filter: Option<Expr>,
}

/// A key of an index or of ON CONFLICT.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexElem {
    pub key: IndexKey,
    pub collation: Option<QualifiedName>,
    pub opclass: Option<QualifiedName>,
    pub opclass_options: Vec<UtilityOption>,
    /// Never `Using`.
    pub direction: SortDirection,
    pub nulls: NullsOrder,
}

#[derive(Debug, Clone, PartialEq)]
pub enum IndexKey {
    Column(String),
    Expr(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateSchema {
    /// `None`: named after `authorization`.
    pub name: Option<String>,
    pub authorization: Option<RoleSpec>,
    pub if_not_exists: bool,
    /// CREATE statements that follow in the same statement.
    pub elements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateSequence {
    pub name: RelationName,
    pub persistence: Persistence,
    pub if_not_exists: bool,
    pub options: Vec<SequenceOption>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AlterSequence {
    pub name: RelationName,
    pub if_exists: bool,
    pub options: Vec<SequenceOption>,
}

/// An option of a sequence; repeated ones are for the binder to refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceOption {
    pub kind: SequenceOptionKind,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SequenceOptionKind {
    As(TypeName),
    Increment(SequenceNumber),
    /// `None` for NO MINVALUE.
    MinValue(Option<SequenceNumber>),
    /// `None` for NO MAXVALUE.
    MaxValue(Option<SequenceNumber>),
    Start(SequenceNumber),
    /// `None` for RESTART without a value.
    Restart(Option<SequenceNumber>),
    Cache(SequenceNumber),
    Cycle(bool),
    /// `None` for OWNED BY NONE; else a column's dotted name.
    OwnedBy(Option<QualifiedName>),
    /// Only of identity columns.
    SequenceName(QualifiedName),
    Logged(bool),
}

/// A number as written; may lie outside `int8`, which is for the binder to refuse.
pub type SequenceNumber = String;

#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    pub name: RelationName,
    pub persistence: Persistence,
    pub or_replace: bool,
    pub columns: Vec<String>,
    pub query: Box<Query>,
    pub options: Vec<UtilityOption>,
    pub check_option: CheckOption,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CheckOption {
    #[default]
    None,
    Local,
    Cascaded,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RefreshMaterializedView {
    pub name: RelationName,
    pub concurrently: bool,
    pub no_data: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateDatabase {
    pub name: String,
    /// `owner`, `template`, `encoding`, `lc_collate`, ..; unchecked.
    pub options: Vec<UtilityOption>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AlterDatabase {
    pub name: String,
    pub options: Vec<UtilityOption>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DropDatabase {
    pub name: String,
    pub if_exists: bool,
    /// `WITH (FORCE)`.
    pub force: bool,
}

/// `CREATE ROLE | USER | GROUP`.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateRole {
    pub name: String,
    pub kind: RoleKind,
    /// `password`, `superuser`, `inherit`, `createrole`, `canlogin`, ..; unchecked.
    pub options: Vec<UtilityOption>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleKind {
    Role,
    /// Can log in unless told otherwise.
    User,
    Group,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AlterRole {
    pub role: RoleSpec,
    pub options: Vec<UtilityOption>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DropRole {
    pub roles: Vec<RoleSpec>,
    pub if_exists: bool,
}

/// GRANT and REVOKE of privileges on objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// GRANT, else REVOKE.
    pub is_grant: bool,
    pub kind: ObjectKind,
    /// `ALL TABLES IN SCHEMA`: `objects` are schemas.
    pub all_in_schema: bool,
    pub objects: Vec<QualifiedName>,
    /// Empty: ALL PRIVILEGES on the whole object.
    pub privileges: Vec<Privilege>,
    pub grantees: Vec<RoleSpec>,
    /// WITH GRANT OPTION, or GRANT OPTION FOR.
    pub grant_option: bool,
    pub granted_by: Option<RoleSpec>,
    pub cascade: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privilege {
    /// In lower case; `None` for `ALL (columns)`.
    pub name: Option<String>,
    /// Empty: the whole relation.
    pub columns: Vec<String>,
}

/// GRANT and REVOKE of membership in roles.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantRole {
    /// GRANT, else REVOKE.
    pub is_grant: bool,
    pub roles: Vec<String>,
    pub members: Vec<RoleSpec>,
    /// WITH ADMIN OPTION, or ADMIN OPTION FOR.
    pub admin_option: bool,
    pub granted_by: Option<RoleSpec>,
    pub cascade: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    pub kind: ObjectKind,
    /// The object; for a column or constraint its last part is the column or constraint.
    pub name: QualifiedName,
    /// `None` removes the comment.
    pub text: Option<String>,
}

/// CREATE EXTENSION.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateExtension {
    pub name: String,
    pub if_not_exists: bool,
    pub options: Vec<UtilityOption>,
}

/// `CREATE TYPE name AS ENUM (labels)`.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateEnum {
    pub name: QualifiedName,
    pub labels: Vec<String>,
}

/// `ALTER TYPE name ADD VALUE` or `RENAME VALUE`.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterEnum {
    pub name: QualifiedName,
    pub change: AlterEnumChange,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlterEnumChange {
    Add {
        label: String,
        if_not_exists: bool,
        neighbor: Option<EnumNeighbor>,
    },
    Rename {
        from: String,
        to: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumNeighbor {
    pub label: String,
    /// AFTER, else BEFORE.
    pub after: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateDomain {
    pub name: QualifiedName,
    pub type_name: TypeName,
    pub collation: Option<QualifiedName>,
    pub constraints: Vec<Constraint>,
}
