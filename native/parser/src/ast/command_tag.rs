//! Command tags: the name by which a statement is reported to a client.

use super::{AlterTable, ObjectKind, SetAction, Statement, Transaction};

/// The tags of an object kind's statements.
#[derive(Debug, Clone, Copy)]
pub struct ObjectTags {
    pub create: &'static str,
    pub alter: &'static str,
    pub drop: &'static str,
}

macro_rules! object_tags {
    ($kind:expr, $($variant:ident => $name:literal,)+) => {
        match $kind {
            $(ObjectKind::$variant => ObjectTags {
                create: concat!("CREATE ", $name),
                alter: concat!("ALTER ", $name),
                drop: concat!("DROP ", $name),
            },)+
        }
    };
}

impl ObjectKind {
    /// PostgreSQL's tags for statements about objects of this kind.
    pub fn command_tags(self) -> ObjectTags {
        object_tags! { self,
            AccessMethod => "ACCESS METHOD",
            Aggregate => "AGGREGATE",
            Attribute => "TYPE",
            Cast => "CAST",
            Collation => "COLLATION",
            Column => "TABLE",
            Conversion => "CONVERSION",
            Database => "DATABASE",
            Domain => "DOMAIN",
            DomainConstraint => "DOMAIN",
            EventTrigger => "EVENT TRIGGER",
            Extension => "EXTENSION",
            ForeignDataWrapper => "FOREIGN DATA WRAPPER",
            ForeignServer => "SERVER",
            ForeignTable => "FOREIGN TABLE",
            Function => "FUNCTION",
            Index => "INDEX",
            Language => "LANGUAGE",
            LargeObject => "LARGE OBJECT",
            MaterializedView => "MATERIALIZED VIEW",
            Operator => "OPERATOR",
            OperatorClass => "OPERATOR CLASS",
            OperatorFamily => "OPERATOR FAMILY",
            Policy => "POLICY",
            Procedure => "PROCEDURE",
            Publication => "PUBLICATION",
            Role => "ROLE",
            Routine => "ROUTINE",
            Rule => "RULE",
            Schema => "SCHEMA",
            Sequence => "SEQUENCE",
            Statistics => "STATISTICS",
            Subscription => "SUBSCRIPTION",
            Table => "TABLE",
            TableConstraint => "TABLE",
            Tablespace => "TABLESPACE",
            TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
            TextSearchDictionary => "TEXT SEARCH DICTIONARY",
            TextSearchParser => "TEXT SEARCH PARSER",
            TextSearchTemplate => "TEXT SEARCH TEMPLATE",
            Transform => "TRANSFORM",
            Trigger => "TRIGGER",
            Type => "TYPE",
            UserMapping => "USER MAPPING",
            View => "VIEW",
            Other => "OBJECT",
        }
    }
}

impl Statement {
    /// PostgreSQL's command tag, without the row counts that some tags get on completion.
    pub fn command_tag(&self) -> &'static str {
        match self {
            Self::Query(_) => "SELECT",
            Self::Insert(_) => "INSERT",
            Self::Update(_) => "UPDATE",
            Self::Delete(_) => "DELETE",
            Self::Merge(_) => "MERGE",
            Self::Truncate(_) => "TRUNCATE TABLE",
            Self::Copy(_) => "COPY",
            Self::Transaction(transaction) => transaction.command_tag(),
            Self::Set(set) => match set.action {
                SetAction::Reset { .. } | SetAction::ResetAll => "RESET",
                _ => "SET",
            },
            Self::Show(_) => "SHOW",
            Self::SetConstraints(_) => "SET CONSTRAINTS",
            Self::Prepare(_) => "PREPARE",
            Self::Execute(_) => "EXECUTE",
            Self::Deallocate(None) => "DEALLOCATE ALL",
            Self::Deallocate(Some(_)) => "DEALLOCATE",
            Self::DeclareCursor(_) => "DECLARE CURSOR",
            Self::Fetch(fetch) if fetch.is_move => "MOVE",
            Self::Fetch(_) => "FETCH",
            Self::CloseCursor(None) => "CLOSE CURSOR ALL",
            Self::CloseCursor(Some(_)) => "CLOSE CURSOR",
            Self::Explain(_) => "EXPLAIN",
            Self::Vacuum(vacuum) if vacuum.is_analyze => "ANALYZE",
            Self::Vacuum(_) => "VACUUM",
            Self::Checkpoint => "CHECKPOINT",
            Self::LockTable(_) => "LOCK TABLE",
            Self::Discard(target) => target.command_tag(),
            Self::Listen(_) => "LISTEN",
            Self::Notify { .. } => "NOTIFY",
            Self::Unlisten(_) => "UNLISTEN",
            Self::Call(_) => "CALL",
            Self::AlterSystem(_) => "ALTER SYSTEM",
            Self::Reindex(_) => "REINDEX",
            Self::Cluster(_) => "CLUSTER",
            Self::Unsupported { tag, .. } => tag,
            definition => definition.definition_tag(),
        }
    }

    fn definition_tag(&self) -> &'static str {
        match self {
            Self::CreateTable(_) => "CREATE TABLE",
            Self::CreateTableAs(create) if create.materialized_view => "CREATE MATERIALIZED VIEW",
            Self::CreateTableAs(create) if create.select_into => "SELECT INTO",
            Self::CreateTableAs(_) => "CREATE TABLE AS",
            Self::AlterTable(alter) => alter_table_tag(alter),
            Self::CreateIndex(_) => "CREATE INDEX",
            Self::CreateSchema(_) => "CREATE SCHEMA",
            Self::CreateSequence(_) => "CREATE SEQUENCE",
            Self::AlterSequence(_) => "ALTER SEQUENCE",
            Self::CreateView(_) => "CREATE VIEW",
            Self::RefreshMaterializedView(_) => "REFRESH MATERIALIZED VIEW",
            Self::CreateDatabase(_) => "CREATE DATABASE",
            Self::AlterDatabase(_) | Self::AlterDatabaseSet { .. } => "ALTER DATABASE",
            Self::DropDatabase(_) => "DROP DATABASE",
            Self::CreateRole(_) => "CREATE ROLE",
            Self::AlterRole(_) | Self::AlterRoleSet { .. } => "ALTER ROLE",
            Self::DropRole(_) => "DROP ROLE",
            Self::Grant(grant) if grant.is_grant => "GRANT",
            Self::Grant(_) => "REVOKE",
            Self::GrantRole(grant) if grant.is_grant => "GRANT ROLE",
            Self::GrantRole(_) => "REVOKE ROLE",
            Self::CreateExtension(_) => "CREATE EXTENSION",
            Self::CreateEnum(_) => "CREATE TYPE",
            Self::AlterEnum(_) => "ALTER TYPE",
            Self::CreateDomain(_) => "CREATE DOMAIN",
            Self::Drop(drop) => drop.kind.command_tags().drop,
            Self::Rename(rename) => rename.relation_kind.command_tags().alter,
            Self::AlterSchemaOf(alter) => alter.kind.command_tags().alter,
            Self::AlterOwner(alter) => alter.kind.command_tags().alter,
            Self::Comment(_) => "COMMENT",
            _ => "???",
        }
    }
}

fn alter_table_tag(alter: &AlterTable) -> &'static str {
    alter.kind.command_tags().alter
}

impl Transaction {
    fn command_tag(&self) -> &'static str {
        match self {
            Self::Begin { start: true, .. } => "START TRANSACTION",
            Self::Begin { .. } => "BEGIN",
            Self::Commit { .. } => "COMMIT",
            Self::Rollback { .. } | Self::RollbackTo(_) => "ROLLBACK",
            Self::Savepoint(_) => "SAVEPOINT",
            Self::Release(_) => "RELEASE",
            Self::Prepare(_) => "PREPARE TRANSACTION",
            Self::CommitPrepared(_) => "COMMIT PREPARED",
            Self::RollbackPrepared(_) => "ROLLBACK PREPARED",
        }
    }
}

impl super::Discard {
    fn command_tag(self) -> &'static str {
        match self {
            Self::All => "DISCARD ALL",
            Self::Plans => "DISCARD PLANS",
            Self::Sequences => "DISCARD SEQUENCES",
            Self::Temp => "DISCARD TEMP",
        }
    }
}
