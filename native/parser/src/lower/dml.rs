//! INSERT, UPDATE, DELETE, MERGE, TRUNCATE and COPY.

use common::{Error, Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::call::{nulls_order, sort_direction};
use super::query::leftmost_into;
use super::{Lower, at, missing, optional_qualified, present, strings, text, unexpected, untyped};
use crate::ast::*;

impl Lower<'_> {
    pub(super) fn insert(&mut self, node: &nodes::InsertStmt) -> Result<Insert> {
        self.enter()?;
        let insert = Insert {
            with: node.with_clause().map(|with| self.with(with)).transpose()?,
            target: self.table_ref(node.relation())?,
            columns: self.assign_targets(node.cols())?,
            overriding: overriding(node.override_),
            source: match node.select_stmt() {
                Node::None => InsertSource::DefaultValues,
                Node::SelectStmt(query) => InsertSource::Query(Box::new(self.query(query)?)),
                _ => return Err(unexpected("source of INSERT")),
            },
            on_conflict: node
                .on_conflict_clause()
                .map(|node| self.on_conflict(node))
                .transpose()?,
            returning: self.returning(node.returning_clause())?,
        };
        self.leave();
        Ok(insert)
    }

    fn on_conflict(&mut self, node: &nodes::OnConflictClause) -> Result<OnConflict> {
        let target = node
            .infer()
            .map(|infer| self.conflict_target(infer))
            .transpose()?;
        let action = match node.action {
            raw::OnConflictAction::ONCONFLICT_UPDATE => ConflictAction::DoUpdate {
                set: self.assignments(untyped(node.target_list()))?,
                filter: self.optional_expr(node.where_clause())?,
            },
            _ => ConflictAction::DoNothing,
        };
        Ok(OnConflict {
            target,
            action,
            location: at(node.location),
        })
    }

    fn conflict_target(&mut self, node: &nodes::InferClause) -> Result<ConflictTarget> {
        let location = at(node.location);
        if let Some(name) = node.conname() {
            return Ok(ConflictTarget::Constraint {
                name: name.to_owned(),
                location,
            });
        }
        Ok(ConflictTarget::Columns {
            elems: self.index_elems(node.index_elems())?,
            filter: self.optional_expr(node.where_clause())?,
            location,
        })
    }

    pub(super) fn index_elems(&mut self, list: &NodeList) -> Result<Vec<IndexElem>> {
        let mut elems = Vec::with_capacity(list.len());
        for elem in list {
            let Node::IndexElem(elem) = elem else {
                return Err(unexpected("index key"));
            };
            elems.push(IndexElem {
                key: match elem.name() {
                    Some(name) => IndexKey::Column(name.to_owned()),
                    None => IndexKey::Expr(self.expr(elem.expr())?),
                },
                collation: optional_qualified(elem.collation()),
                opclass: optional_qualified(elem.opclass()),
                opclass_options: self.options(elem.opclassopts())?,
                direction: sort_direction(elem.ordering),
                nulls: nulls_order(elem.nulls_ordering),
            });
        }
        Ok(elems)
    }

    fn returning(&mut self, node: Option<&nodes::ReturningClause>) -> Result<Vec<SelectItem>> {
        let Some(node) = node else {
            return Ok(Vec::new());
        };
        if let Some(Node::ReturningOption(option)) = untyped(node.options()).first() {
            return Err(self.not_implemented(option.location, "RETURNING WITH"));
        }
        self.select_items(node.exprs())
    }

    pub(super) fn update(&mut self, node: &nodes::UpdateStmt) -> Result<Update> {
        self.enter()?;
        let update = Update {
            with: node.with_clause().map(|with| self.with(with)).transpose()?,
            target: self.table_ref(node.relation())?,
            set: self.assignments(untyped(node.target_list()))?,
            from: self.range_items(node.from_clause())?,
            filter: self.optional_expr(node.where_clause())?,
            returning: self.returning(node.returning_clause())?,
        };
        self.leave();
        Ok(update)
    }

    pub(super) fn delete(&mut self, node: &nodes::DeleteStmt) -> Result<Delete> {
        self.enter()?;
        let delete = Delete {
            with: node.with_clause().map(|with| self.with(with)).transpose()?,
            target: self.table_ref(node.relation())?,
            using: self.range_items(node.using_clause())?,
            filter: self.optional_expr(node.where_clause())?,
            returning: self.returning(node.returning_clause())?,
        };
        self.leave();
        Ok(delete)
    }

    pub(super) fn merge(&mut self, node: &nodes::MergeStmt) -> Result<Merge> {
        self.enter()?;
        let list = untyped(node.merge_when_clauses());
        let mut whens = Vec::with_capacity(list.len());
        for when in list {
            let Node::MergeWhenClause(when) = when else {
                return Err(unexpected("WHEN"));
            };
            whens.push(self.merge_when(when)?);
        }
        let merge = Merge {
            with: node.with_clause().map(|with| self.with(with)).transpose()?,
            target: self.table_ref(node.relation())?,
            source: self.range_item(node.source_relation())?,
            condition: self.expr(node.join_condition())?,
            whens,
            returning: self.returning(node.returning_clause())?,
        };
        self.leave();
        Ok(merge)
    }

    fn merge_when(&mut self, node: &nodes::MergeWhenClause) -> Result<MergeWhen> {
        use raw::MergeMatchKind::*;
        let matched = match node.match_kind {
            MERGE_WHEN_MATCHED => MergeMatch::Matched,
            MERGE_WHEN_NOT_MATCHED_BY_SOURCE => MergeMatch::NotMatchedBySource,
            _ => MergeMatch::NotMatchedByTarget,
        };
        let action = match node.command_type {
            raw::CmdType::CMD_UPDATE => MergeAction::Update(self.assignments(node.target_list())?),
            raw::CmdType::CMD_DELETE => MergeAction::Delete,
            raw::CmdType::CMD_INSERT => MergeAction::Insert {
                columns: self.assign_targets(node.target_list())?,
                overriding: overriding(node.override_),
                values: match node.values() {
                    values if values.is_empty() => None,
                    values => Some(self.exprs(values)?),
                },
            },
            _ => MergeAction::DoNothing,
        };
        Ok(MergeWhen {
            matched,
            condition: self.optional_expr(node.condition())?,
            action,
        })
    }

    pub(super) fn truncate(&mut self, node: &nodes::TruncateStmt) -> Result<Statement> {
        Ok(Statement::Truncate(Truncate {
            relations: self.table_refs(node.relations())?,
            restart_identity: node.restart_seqs,
            cascade: node.behavior == raw::DropBehavior::DROP_CASCADE,
        }))
    }

    pub(super) fn table_refs(&mut self, list: &NodeList) -> Result<Vec<TableRef>> {
        let mut refs = Vec::with_capacity(list.len());
        for table in list {
            let Node::RangeVar(var) = table else {
                return Err(unexpected("table"));
            };
            refs.push(self.table_ref(Some(var))?);
        }
        Ok(refs)
    }

    pub(super) fn copy(&mut self, node: &nodes::CopyStmt) -> Result<Statement> {
        let source = match (node.relation(), present(node.query())) {
            (Some(var), _) => CopySource::Table {
                name: self.relation_name(Some(var))?,
                columns: strings(node.attlist()),
            },
            (None, Some(query)) => CopySource::Query(Box::new(self.copy_query(query)?)),
            (None, None) => return Err(missing("source of COPY")),
        };
        Ok(Statement::Copy(Box::new(Copy {
            source,
            is_from: node.is_from,
            endpoint: match node.filename() {
                None => CopyEndpoint::Client,
                Some(command) if node.is_program => CopyEndpoint::Program(text(Some(command))),
                Some(path) => CopyEndpoint::File(text(Some(path))),
            },
            options: self.options(untyped(node.options()))?,
            filter: self.optional_expr(node.where_clause())?,
        })))
    }

    fn copy_query(&mut self, query: Node<'_>) -> Result<Statement> {
        if let Node::SelectStmt(select) = query
            && leftmost_into(select).is_some()
        {
            let message = "COPY (SELECT INTO) is not supported";
            return Err(Error::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
        }
        self.statement(query)
    }
}

fn overriding(kind: raw::OverridingKind::Type) -> Overriding {
    match kind {
        raw::OverridingKind::OVERRIDING_USER_VALUE => Overriding::UserValue,
        raw::OverridingKind::OVERRIDING_SYSTEM_VALUE => Overriding::SystemValue,
        _ => Overriding::None,
    }
}
