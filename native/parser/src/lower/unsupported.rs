//! Statements that the grammar knows and the engine does not.

use pg_raw_parse::{Node, raw};

use super::object::object_kind;
use crate::ast::{ObjectKind, Statement};

/// The statement by its name, where it is one of these.
pub(super) fn unsupported(node: Node<'_>) -> Option<Statement> {
    let tag = match node {
        Node::DefineStmt(node) => {
            return Some(unsupported_object("CREATE", object_kind(node.kind)));
        }
        Node::DoStmt(_) => "DO",
        Node::LoadStmt(_) => "LOAD",
        Node::RuleStmt(_) => "CREATE RULE",
        Node::SecLabelStmt(_) => "SECURITY LABEL",
        Node::DropOwnedStmt(_) => "DROP OWNED",
        Node::ReassignOwnedStmt(_) => "REASSIGN OWNED",
        Node::ImportForeignSchemaStmt(_) => "IMPORT FOREIGN SCHEMA",
        Node::AlterDefaultPrivilegesStmt(_) => "ALTER DEFAULT PRIVILEGES",
        Node::AlterDatabaseRefreshCollStmt(_) => "ALTER DATABASE",
        Node::AlterDomainStmt(_) => "ALTER DOMAIN",
        Node::AlterCollationStmt(_) => "ALTER COLLATION",
        Node::AlterExtensionStmt(_) | Node::AlterExtensionContentsStmt(_) => "ALTER EXTENSION",
        Node::AlterFunctionStmt(node) => match object_kind(node.objtype) {
            ObjectKind::Procedure => "ALTER PROCEDURE",
            ObjectKind::Routine => "ALTER ROUTINE",
            _ => "ALTER FUNCTION",
        },
        Node::AlterObjectDependsStmt(_) => "ALTER ... DEPENDS ON EXTENSION",
        Node::AlterOperatorStmt(_) => "ALTER OPERATOR",
        Node::AlterTypeStmt(_) => "ALTER TYPE",
        Node::AlterStatsStmt(_) => "ALTER STATISTICS",
        Node::CreateFunctionStmt(node) if node.is_procedure => "CREATE PROCEDURE",
        Node::CreateFunctionStmt(_) => "CREATE FUNCTION",
        Node::CreateTrigStmt(_) => "CREATE TRIGGER",
        Node::CreatePLangStmt(_) => "CREATE LANGUAGE",
        Node::CreateStatsStmt(_) => "CREATE STATISTICS",
        Node::CreateCastStmt(_) => "CREATE CAST",
        Node::CreateConversionStmt(_) => "CREATE CONVERSION",
        Node::CreateAmStmt(_) => "CREATE ACCESS METHOD",
        Node::CreateTransformStmt(_) => "CREATE TRANSFORM",
        // The crate has no node of its own for it.
        Node::Invalid(node) if node.type_ == raw::NodeTag::T_CreateForeignTableStmt => {
            "CREATE FOREIGN TABLE"
        }
        Node::CompositeTypeStmt(_) | Node::CreateRangeStmt(_) => "CREATE TYPE",
        other => administrative(other)?,
    };
    Some(Statement::Unsupported { what: tag, tag })
}

fn administrative(node: Node<'_>) -> Option<&'static str> {
    Some(match node {
        Node::CreateOpClassStmt(_) => "CREATE OPERATOR CLASS",
        Node::CreateOpFamilyStmt(_) => "CREATE OPERATOR FAMILY",
        Node::AlterOpFamilyStmt(_) => "ALTER OPERATOR FAMILY",
        Node::CreatePolicyStmt(_) => "CREATE POLICY",
        Node::AlterPolicyStmt(_) => "ALTER POLICY",
        Node::CreateEventTrigStmt(_) => "CREATE EVENT TRIGGER",
        Node::AlterEventTrigStmt(_) => "ALTER EVENT TRIGGER",
        Node::CreateTableSpaceStmt(_) => "CREATE TABLESPACE",
        Node::DropTableSpaceStmt(_) => "DROP TABLESPACE",
        Node::AlterTableSpaceOptionsStmt(_) => "ALTER TABLESPACE",
        Node::AlterTableMoveAllStmt(_) => "ALTER TABLE",
        Node::CreateFdwStmt(_) => "CREATE FOREIGN DATA WRAPPER",
        Node::AlterFdwStmt(_) => "ALTER FOREIGN DATA WRAPPER",
        Node::CreateForeignServerStmt(_) => "CREATE SERVER",
        Node::AlterForeignServerStmt(_) => "ALTER SERVER",
        Node::CreateUserMappingStmt(_) => "CREATE USER MAPPING",
        Node::AlterUserMappingStmt(_) => "ALTER USER MAPPING",
        Node::DropUserMappingStmt(_) => "DROP USER MAPPING",
        Node::CreatePublicationStmt(_) => "CREATE PUBLICATION",
        Node::AlterPublicationStmt(_) => "ALTER PUBLICATION",
        Node::CreateSubscriptionStmt(_) => "CREATE SUBSCRIPTION",
        Node::AlterSubscriptionStmt(_) => "ALTER SUBSCRIPTION",
        Node::DropSubscriptionStmt(_) => "DROP SUBSCRIPTION",
        Node::AlterTSDictionaryStmt(_) => "ALTER TEXT SEARCH DICTIONARY",
        Node::AlterTSConfigurationStmt(_) => "ALTER TEXT SEARCH CONFIGURATION",
        _ => return None,
    })
}

/// `verb KIND`, for objects that more than a name identifies and kinds we do not have.
pub(super) fn unsupported_object(verb: &str, kind: ObjectKind) -> Statement {
    let tag = match verb {
        "CREATE" => kind.command_tags().create,
        "DROP" => kind.command_tags().drop,
        _ => kind.command_tags().alter,
    };
    Statement::Unsupported { what: tag, tag }
}
