//! Queries.

use common::{Result, sqlstate};
use pg_raw_parse::list::NodeList;
use pg_raw_parse::{Node, nodes, raw};

use super::{Lower, at, missing, present, strings, text, unexpected, untyped};
use crate::ast::*;

impl Lower<'_> {
    /// A query in which SELECT INTO is not allowed.
    pub(super) fn query(&mut self, node: &nodes::SelectStmt) -> Result<Query> {
        if let Some(into) = leftmost_into(node) {
            let location = into.rel().map_or(-1, |rel| rel.location);
            let message = "SELECT ... INTO is not allowed here";
            return Err(self.error(location, sqlstate::SYNTAX_ERROR, message));
        }
        self.query_ignoring_into(node)
    }

    /// A query whose INTO, if it has one, the caller sees to.
    pub(super) fn query_ignoring_into(&mut self, node: &nodes::SelectStmt) -> Result<Query> {
        self.enter()?;
        let with = node.with_clause().map(|with| self.with(with)).transpose()?;
        let body = if node.op == raw::SetOperation::SETOP_NONE {
            self.plain_body(node)?
        } else {
            self.set_op(node)?
        };
        let locking = self.locking(untyped(node.locking_clause()))?;
        let query = Query {
            with,
            body,
            order_by: self.sort_by(node.sort_clause())?,
            limit: self.optional_expr(node.limit_count())?,
            offset: self.optional_expr(node.limit_offset())?,
            with_ties: node.limit_option == raw::LimitOption::LIMIT_OPTION_WITH_TIES,
            locking,
        };
        self.leave();
        Ok(query)
    }

    fn plain_body(&mut self, node: &nodes::SelectStmt) -> Result<QueryBody> {
        if node.values_lists().is_empty() {
            return Ok(QueryBody::Select(Box::new(self.select(node)?)));
        }
        let mut rows = Vec::with_capacity(node.values_lists().len());
        for row in node.values_lists() {
            let row = row
                .as_node_list()
                .ok_or_else(|| unexpected("row of VALUES"))?;
            rows.push(self.exprs(row)?);
        }
        Ok(QueryBody::Values(rows))
    }

    fn select(&mut self, node: &nodes::SelectStmt) -> Result<Select> {
        Ok(Select {
            distinct: self.distinct(node.distinct_clause())?,
            targets: self.select_items(untyped(node.target_list()))?,
            from: self.range_items(node.from_clause())?,
            filter: self.optional_expr(node.where_clause())?,
            group_by: self.group_items(node.group_clause())?,
            group_distinct: node.group_distinct,
            having: self.optional_expr(node.having_clause())?,
            windows: self.windows(node.window_clause())?,
        })
    }

    /// `a UNION b UNION c` is deep on the left; a loop gathers what is one chain.
    fn set_op(&mut self, node: &nodes::SelectStmt) -> Result<QueryBody> {
        let op = match node.op {
            raw::SetOperation::SETOP_UNION => SetOperator::Union,
            raw::SetOperation::SETOP_INTERSECT => SetOperator::Intersect,
            raw::SetOperation::SETOP_EXCEPT => SetOperator::Except,
            _ => return Err(unexpected("set operation")),
        };
        let mut operands = Vec::new();
        let mut top = node;
        loop {
            operands.push(top.rarg().ok_or_else(|| missing("operand"))?);
            let left = top.larg().ok_or_else(|| missing("operand"))?;
            if left.op != node.op || left.all != node.all || has_own_clauses(left) {
                operands.push(left);
                break;
            }
            top = left;
        }
        let mut inputs = Vec::with_capacity(operands.len());
        for operand in operands.into_iter().rev() {
            inputs.push(self.query_ignoring_into(operand)?);
        }
        Ok(QueryBody::SetOp(Box::new(SetOp {
            op,
            all: node.all,
            inputs,
        })))
    }

    /// Plain DISTINCT is a list of one absent expression.
    fn distinct(&mut self, list: &NodeList) -> Result<Distinct> {
        match list.first() {
            None => Ok(Distinct::All),
            Some(Node::None) => Ok(Distinct::Distinct),
            Some(_) => Ok(Distinct::On(self.exprs(list)?)),
        }
    }

    pub(super) fn select_items(&mut self, list: &NodeList) -> Result<Vec<SelectItem>> {
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            let Node::ResTarget(item) = item else {
                return Err(unexpected("target"));
            };
            items.push(SelectItem {
                expr: self.expr(item.val())?,
                alias: item.name().map(str::to_owned),
                location: at(item.location),
            });
        }
        Ok(items)
    }

    fn group_items(&mut self, list: &NodeList) -> Result<Vec<GroupItem>> {
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push(match item {
                Node::GroupingSet(set) => self.grouping_set(set)?,
                expr => GroupItem::Expr(self.expr(expr)?),
            });
        }
        Ok(items)
    }

    fn grouping_set(&mut self, set: &nodes::GroupingSet) -> Result<GroupItem> {
        use raw::GroupingSetKind::*;
        self.enter()?;
        let location = at(set.location);
        let item = match set.kind {
            GROUPING_SET_EMPTY => GroupItem::Empty,
            GROUPING_SET_ROLLUP => GroupItem::Rollup {
                items: self.group_items(set.content())?,
                location,
            },
            GROUPING_SET_CUBE => GroupItem::Cube {
                items: self.group_items(set.content())?,
                location,
            },
            GROUPING_SET_SETS => GroupItem::GroupingSets {
                items: self.group_items(set.content())?,
                location,
            },
            _ => return Err(unexpected("grouping set")),
        };
        self.leave();
        Ok(item)
    }

    fn windows(&mut self, list: &NodeList) -> Result<Vec<WindowDef>> {
        let mut windows = Vec::with_capacity(list.len());
        for window in list {
            let Node::WindowDef(window) = window else {
                return Err(unexpected("window"));
            };
            windows.push(self.window(window)?);
        }
        Ok(windows)
    }

    fn locking(&mut self, list: &NodeList) -> Result<Vec<LockingClause>> {
        let mut clauses = Vec::with_capacity(list.len());
        for clause in list {
            let Node::LockingClause(clause) = clause else {
                return Err(unexpected("locking clause"));
            };
            let mut relations = Vec::with_capacity(clause.locked_rels().len());
            for relation in clause.locked_rels() {
                let Node::RangeVar(var) = relation else {
                    return Err(unexpected("relation"));
                };
                relations.push(self.relation_name(Some(var))?);
            }
            clauses.push(LockingClause {
                strength: match clause.strength {
                    raw::LockClauseStrength::LCS_FORKEYSHARE => LockStrength::KeyShare,
                    raw::LockClauseStrength::LCS_FORSHARE => LockStrength::Share,
                    raw::LockClauseStrength::LCS_FORNOKEYUPDATE => LockStrength::NoKeyUpdate,
                    _ => LockStrength::Update,
                },
                relations,
                wait: match clause.wait_policy {
                    raw::LockWaitPolicy::LockWaitSkip => LockWait::SkipLocked,
                    raw::LockWaitPolicy::LockWaitError => LockWait::NoWait,
                    _ => LockWait::Block,
                },
            });
        }
        Ok(clauses)
    }

    pub(super) fn with(&mut self, node: &nodes::WithClause) -> Result<WithClause> {
        let list = untyped(node.ctes());
        let mut ctes = Vec::with_capacity(list.len());
        for cte in list {
            let Node::CommonTableExpr(cte) = cte else {
                return Err(unexpected("part of WITH"));
            };
            ctes.push(self.cte(cte)?);
        }
        Ok(WithClause {
            recursive: node.recursive,
            ctes,
            location: at(node.location),
        })
    }

    fn cte(&mut self, node: &nodes::CommonTableExpr) -> Result<Cte> {
        let query = match node.ctequery() {
            Node::SelectStmt(query) => CteQuery::Query(Box::new(self.query(query)?)),
            Node::InsertStmt(stmt) => CteQuery::Insert(Box::new(self.insert(stmt)?)),
            Node::UpdateStmt(stmt) => CteQuery::Update(Box::new(self.update(stmt)?)),
            Node::DeleteStmt(stmt) => CteQuery::Delete(Box::new(self.delete(stmt)?)),
            Node::MergeStmt(stmt) => CteQuery::Merge(Box::new(self.merge(stmt)?)),
            _ => return Err(unexpected("query of WITH")),
        };
        Ok(Cte {
            name: text(node.ctename()),
            columns: strings(node.aliascolnames()),
            materialized: match node.ctematerialized {
                raw::CTEMaterialize::CTEMaterializeAlways => Some(true),
                raw::CTEMaterialize::CTEMaterializeNever => Some(false),
                _ => None,
            },
            query,
            search: node.search_clause().map(|search| CteSearch {
                breadth_first: search.search_breadth_first,
                columns: strings(search.search_col_list()),
                sequence_column: text(search.search_seq_column()),
                location: at(search.location),
            }),
            cycle: node
                .cycle_clause()
                .map(|cycle| self.cycle(cycle))
                .transpose()?,
            location: at(node.location),
        })
    }

    fn cycle(&mut self, node: &nodes::CTECycleClause) -> Result<CteCycle> {
        let value = present(node.cycle_mark_value()).ok_or_else(|| missing("cycle mark"))?;
        let default = present(node.cycle_mark_default()).ok_or_else(|| missing("cycle mark"))?;
        Ok(CteCycle {
            columns: strings(node.cycle_col_list()),
            mark_column: text(node.cycle_mark_column()),
            mark_value: self.expr(value)?,
            mark_default: self.expr(default)?,
            path_column: text(node.cycle_path_column()),
            location: at(node.location),
        })
    }
}

/// Whether an operand was in parentheses because of clauses of its own.
fn has_own_clauses(node: &nodes::SelectStmt) -> bool {
    node.with_clause().is_some()
        || !node.sort_clause().is_empty()
        || present(node.limit_count()).is_some()
        || present(node.limit_offset()).is_some()
        || !untyped(node.locking_clause()).is_empty()
}

/// The INTO of a query, which stands in its leftmost SELECT.
pub(super) fn leftmost_into(node: &nodes::SelectStmt) -> Option<&nodes::IntoClause> {
    let mut node = node;
    while node.op != raw::SetOperation::SETOP_NONE {
        node = node.larg()?;
    }
    node.into_clause()
}
