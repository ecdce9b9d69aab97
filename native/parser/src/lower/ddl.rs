//! CREATE and ALTER of indexes, schemas, sequences, views, databases and types.

use common::{Result, sqlstate};
use pg_raw_parse::{Node, nodes, raw};

use super::{
    Lower, missing, optional_qualified, persistence, qualified, strings, text, unexpected, untyped,
};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn create_index(&mut self, node: &nodes::IndexStmt) -> Result<Statement> {
        Ok(Statement::CreateIndex(Box::new(CreateIndex {
            name: node.idxname().map(str::to_owned),
            table: self.relation_name(node.relation())?,
            only: node.relation().is_some_and(|var| !var.inh),
            method: node.access_method().unwrap_or("btree").to_owned(),
            unique: node.unique,
            nulls_not_distinct: node.nulls_not_distinct,
            concurrently: node.concurrent,
            if_not_exists: node.if_not_exists,
            elems: self.index_elems(untyped(node.index_params()))?,
            include: self.index_elems(node.index_including_params())?,
            options: self.options(untyped(node.options()))?,
            tablespace: node.table_space().map(str::to_owned),
            filter: self.optional_expr(node.where_clause())?,
        })))
    }

    pub(super) fn create_schema(&mut self, node: &nodes::CreateSchemaStmt) -> Result<Statement> {
        let mut elements = Vec::with_capacity(node.schema_elts().len());
        for element in node.schema_elts() {
            elements.push(self.statement(element)?);
        }
        Ok(Statement::CreateSchema(CreateSchema {
            name: node.schemaname().map(str::to_owned),
            authorization: node.authrole().map(super::role::role_spec),
            if_not_exists: node.if_not_exists,
            elements,
        }))
    }

    pub(super) fn create_sequence(&mut self, node: &nodes::CreateSeqStmt) -> Result<Statement> {
        Ok(Statement::CreateSequence(CreateSequence {
            name: self.relation_name(node.sequence())?,
            persistence: persistence(node.sequence()),
            if_not_exists: node.if_not_exists,
            options: self.sequence_options(node.options())?,
        }))
    }

    pub(super) fn alter_sequence(&mut self, node: &nodes::AlterSeqStmt) -> Result<Statement> {
        Ok(Statement::AlterSequence(AlterSequence {
            name: self.relation_name(node.sequence())?,
            if_exists: node.missing_ok,
            options: self.sequence_options(node.options())?,
        }))
    }

    pub(super) fn create_view(&mut self, node: &nodes::ViewStmt) -> Result<Statement> {
        let Node::SelectStmt(query) = node.query() else {
            return Err(unexpected("view query"));
        };
        if super::query::leftmost_into(query).is_some() {
            let message = "views must not contain SELECT INTO";
            return Err(common::Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
        }
        Ok(Statement::CreateView(Box::new(CreateView {
            name: self.relation_name(node.view())?,
            persistence: persistence(node.view()),
            or_replace: node.replace,
            columns: strings(node.aliases()),
            query: Box::new(self.query(query)?),
            options: self.options(node.options())?,
            check_option: match node.with_check_option {
                raw::ViewCheckOption::LOCAL_CHECK_OPTION => CheckOption::Local,
                raw::ViewCheckOption::CASCADED_CHECK_OPTION => CheckOption::Cascaded,
                _ => CheckOption::None,
            },
        })))
    }

    pub(super) fn refresh(&mut self, node: &nodes::RefreshMatViewStmt) -> Result<Statement> {
        Ok(Statement::RefreshMaterializedView(
            RefreshMaterializedView {
                name: self.relation_name(node.relation())?,
                concurrently: node.concurrent,
                no_data: node.skip_data,
            },
        ))
    }

    pub(super) fn create_enum(&mut self, node: &nodes::CreateEnumStmt) -> Result<Statement> {
        Ok(Statement::CreateEnum(CreateEnum {
            name: qualified(untyped(node.type_name()), -1),
            labels: strings(untyped(node.vals())),
        }))
    }

    pub(super) fn alter_enum(&mut self, node: &nodes::AlterEnumStmt) -> Result<Statement> {
        let change = match node.old_val() {
            Some(from) => AlterEnumChange::Rename {
                from: from.to_owned(),
                to: text(node.new_val()),
            },
            None => AlterEnumChange::Add {
                label: text(node.new_val()),
                if_not_exists: node.skip_if_new_val_exists,
                neighbor: node.new_val_neighbor().map(|label| EnumNeighbor {
                    label: label.to_owned(),
                    after: node.new_val_is_after,
                }),
            },
        };
        let name = qualified(untyped(node.type_name()), -1);
        Ok(Statement::AlterEnum(AlterEnum { name, change }))
    }

    pub(super) fn create_domain(&mut self, node: &nodes::CreateDomainStmt) -> Result<Statement> {
        let name = untyped(node.domainname());
        if name.is_empty() {
            return Err(missing("domain"));
        }
        let constraints = untyped(node.constraints());
        if constraints.iter().any(|node| is_deferrability(node)) {
            let message = "specifying constraint deferrability not supported for domains";
            return Err(common::Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
        }
        Ok(Statement::CreateDomain(Box::new(CreateDomain {
            name: qualified(name, -1),
            type_name: self.type_name(node.type_name())?,
            collation: node
                .coll_clause()
                .and_then(|c| optional_qualified(c.collname())),
            constraints: self.column_constraints(constraints)?,
        })))
    }
}

fn is_deferrability(node: Node<'_>) -> bool {
    use raw::ConstrType::*;
    matches!(
        node,
        Node::Constraint(node) if matches!(
            node.contype,
            CONSTR_ATTR_DEFERRABLE
                | CONSTR_ATTR_NOT_DEFERRABLE
                | CONSTR_ATTR_DEFERRED
                | CONSTR_ATTR_IMMEDIATE
        )
    )
}
