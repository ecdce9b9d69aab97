//! A statement of any kind: the table of what lowers what.

use common::Result;
use pg_raw_parse::{Node, nodes};

use super::query::leftmost_into;
use super::unsupported::unsupported;
use super::{Lower, text, unexpected, untyped};
use crate::ast::*;

impl Lower<'_> {
    pub(crate) fn statement(&mut self, node: Node<'_>) -> Result<Statement> {
        self.enter()?;
        let stmt = match node {
            Node::SelectStmt(node) => self.top_query(node)?,
            Node::InsertStmt(node) => Statement::Insert(Box::new(self.insert(node)?)),
            Node::UpdateStmt(node) => Statement::Update(Box::new(self.update(node)?)),
            Node::DeleteStmt(node) => Statement::Delete(Box::new(self.delete(node)?)),
            Node::TransactionStmt(node) => self.transaction(node)?,
            Node::VariableSetStmt(node) => self.set_or_unsupported(node)?,
            Node::VariableShowStmt(node) => Statement::Show(Show {
                name: text(node.name()),
            }),
            other => self.utility(other)?,
        };
        self.leave();
        Ok(stmt)
    }

    /// SELECT INTO is CREATE TABLE AS in other words.
    fn top_query(&mut self, node: &nodes::SelectStmt) -> Result<Statement> {
        let query = Statement::Query(Box::new(self.query_ignoring_into(node)?));
        let Some(into) = leftmost_into(node) else {
            return Ok(query);
        };
        let mut create = self.target_table(into, query)?;
        create.select_into = true;
        Ok(Statement::CreateTableAs(Box::new(create)))
    }

    fn utility(&mut self, node: Node<'_>) -> Result<Statement> {
        Ok(match node {
            Node::MergeStmt(node) => Statement::Merge(Box::new(self.merge(node)?)),
            Node::TruncateStmt(node) => self.truncate(node)?,
            Node::CopyStmt(node) => self.copy(node)?,
            Node::PrepareStmt(node) => self.prepare(node)?,
            Node::ExecuteStmt(node) => self.execute(node)?,
            Node::DeallocateStmt(node) => {
                Statement::Deallocate(node.name().filter(|_| !node.isall).map(str::to_owned))
            }
            Node::DeclareCursorStmt(node) => self.declare_cursor(node)?,
            Node::FetchStmt(node) => self.fetch(node),
            Node::ClosePortalStmt(node) => {
                Statement::CloseCursor(node.portalname().map(str::to_owned))
            }
            Node::ExplainStmt(node) => Statement::Explain(Explain {
                options: self.options(untyped(node.options()))?,
                statement: Box::new(self.statement(node.query())?),
            }),
            Node::VacuumStmt(node) => self.vacuum(node)?,
            Node::CheckPointStmt(_) => Statement::Checkpoint,
            Node::LockStmt(node) => self.lock_table(node)?,
            Node::DiscardStmt(node) => self.discard(node),
            Node::ListenStmt(node) => Statement::Listen(text(node.conditionname())),
            Node::NotifyStmt(node) => Statement::Notify {
                channel: text(node.conditionname()),
                payload: node.payload().map(str::to_owned),
            },
            Node::UnlistenStmt(node) => {
                Statement::Unlisten(node.conditionname().map(str::to_owned))
            }
            Node::CallStmt(node) => self.call_procedure(node)?,
            Node::AlterSystemStmt(node) => Statement::AlterSystem(self.set(node.setstmt())?),
            Node::ReindexStmt(node) => self.reindex(node)?,
            Node::ClusterStmt(node) => self.cluster(node)?,
            Node::ConstraintsSetStmt(node) => self.set_constraints(node)?,
            other => self.definition(other)?,
        })
    }

    fn definition(&mut self, node: Node<'_>) -> Result<Statement> {
        Ok(match node {
            Node::CreateStmt(node) => self.create_table(node)?,
            Node::CreateTableAsStmt(node) => self.create_table_as(node)?,
            Node::AlterTableStmt(node) => self.alter_table(node)?,
            Node::IndexStmt(node) => self.create_index(node)?,
            Node::CreateSchemaStmt(node) => self.create_schema(node)?,
            Node::CreateSeqStmt(node) => self.create_sequence(node)?,
            Node::AlterSeqStmt(node) => self.alter_sequence(node)?,
            Node::ViewStmt(node) => self.create_view(node)?,
            Node::RefreshMatViewStmt(node) => self.refresh(node)?,
            Node::CreatedbStmt(node) => Statement::CreateDatabase(CreateDatabase {
                name: text(node.dbname()),
                options: self.options(untyped(node.options()))?,
            }),
            Node::AlterDatabaseStmt(node) => Statement::AlterDatabase(AlterDatabase {
                name: text(node.dbname()),
                options: self.options(untyped(node.options()))?,
            }),
            Node::AlterDatabaseSetStmt(node) => Statement::AlterDatabaseSet {
                name: text(node.dbname()),
                set: self.set(node.setstmt())?,
            },
            Node::DropdbStmt(node) => self.drop_database(node)?,
            Node::CreateRoleStmt(node) => self.create_role(node)?,
            Node::AlterRoleStmt(node) => self.alter_role(node)?,
            Node::AlterRoleSetStmt(node) => self.alter_role_set(node)?,
            Node::DropRoleStmt(node) => Statement::DropRole(DropRole {
                roles: super::role::role_specs(node.roles())?,
                if_exists: node.missing_ok,
            }),
            Node::GrantStmt(node) => self.grant(node)?,
            Node::GrantRoleStmt(node) => self.grant_role(node)?,
            Node::CreateExtensionStmt(node) => Statement::CreateExtension(CreateExtension {
                name: text(node.extname()),
                if_not_exists: node.if_not_exists,
                options: self.options(untyped(node.options()))?,
            }),
            Node::CreateEnumStmt(node) => self.create_enum(node)?,
            Node::AlterEnumStmt(node) => self.alter_enum(node)?,
            Node::CreateDomainStmt(node) => self.create_domain(node)?,
            Node::DropStmt(node) => self.drop(node)?,
            Node::RenameStmt(node) => self.rename(node)?,
            Node::AlterObjectSchemaStmt(node) => self.set_schema(node)?,
            Node::AlterOwnerStmt(node) => self.alter_owner(node)?,
            Node::CommentStmt(node) => self.comment(node)?,
            other => unsupported(other).ok_or_else(|| unexpected("statement"))?,
        })
    }
}
