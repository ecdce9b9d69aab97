//! A statement of any kind.

use super::*;

/// What one statement of a text asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// SELECT, VALUES, TABLE.
    Query(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    Merge(Box<Merge>),
    Truncate(Truncate),
    Copy(Box<Copy>),

    CreateTable(Box<CreateTable>),
    CreateTableAs(Box<CreateTableAs>),
    AlterTable(Box<AlterTable>),
    CreateIndex(Box<CreateIndex>),
    CreateSchema(CreateSchema),
    CreateSequence(CreateSequence),
    AlterSequence(AlterSequence),
    CreateView(Box<CreateView>),
    RefreshMaterializedView(RefreshMaterializedView),
    CreateDatabase(CreateDatabase),
    AlterDatabase(AlterDatabase),
    /// `ALTER DATABASE name SET ..`.
    AlterDatabaseSet {
        name: String,
        set: Set,
    },
    DropDatabase(DropDatabase),
    CreateRole(CreateRole),
    AlterRole(AlterRole),
    /// `ALTER ROLE name [IN DATABASE database] SET ..`; no role for ALL.
    AlterRoleSet {
        role: Option<RoleSpec>,
        database: Option<String>,
        set: Set,
    },
    DropRole(DropRole),
    Grant(Box<Grant>),
    GrantRole(GrantRole),
    CreateExtension(CreateExtension),
    CreateEnum(CreateEnum),
    AlterEnum(AlterEnum),
    CreateDomain(Box<CreateDomain>),
    Drop(Drop),
    Rename(Box<Rename>),
    AlterSchemaOf(AlterSchemaOf),
    AlterOwner(AlterOwner),
    Comment(Comment),

    Transaction(Transaction),
    Set(Set),
    Show(Show),
    SetConstraints(SetConstraints),
    Prepare(Prepare),
    Execute(Execute),
    /// `None`: DEALLOCATE ALL.
    Deallocate(Option<String>),
    DeclareCursor(DeclareCursor),
    Fetch(Fetch),
    /// `None`: CLOSE ALL.
    CloseCursor(Option<String>),
    Explain(Explain),
    Vacuum(Vacuum),
    Checkpoint,
    LockTable(LockTable),
    Discard(Discard),
    Listen(String),
    Notify {
        channel: String,
        payload: Option<String>,
    },
    /// `None`: UNLISTEN *.
    Unlisten(Option<String>),
    Call(Box<Call>),
    /// `ALTER SYSTEM SET ..`.
    AlterSystem(Set),
    Reindex(Reindex),
    Cluster(Cluster),
    /// In the grammar, not in the engine.
    Unsupported {
        /// As a user knows it, for "`what` is not supported".
        what: &'static str,
        /// Its command tag.
        tag: &'static str,
    },
}
