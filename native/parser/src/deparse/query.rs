//! Queries.

use super::Writer;
use crate::ast::*;

impl Writer {
    pub(super) fn query(&mut self, query: &Query) {
        if let Some(with) = &query.with {
            self.with(with);
        }
        match &query.body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Values(rows) => {
                self.push("VALUES ");
                self.separated(rows, ", ", |w, row| w.function("", row));
            }
            QueryBody::SetOp(set_op) => self.set_op(set_op),
        }
        self.order_by(&query.order_by);
        match &query.limit {
            Some(limit) if query.with_ties => {
                self.expr_clause("OFFSET", query.offset.as_ref());
                self.push(" FETCH FIRST (");
                self.expr(limit);
                self.push(") ROWS WITH TIES");
            }
            Some(Expr {
                kind: ExprKind::Const(Literal::Null),
                ..
            }) => {
                self.push(" LIMIT ALL");
                self.expr_clause("OFFSET", query.offset.as_ref());
            }
            limit => {
                self.expr_clause("LIMIT", limit.as_ref());
                self.expr_clause("OFFSET", query.offset.as_ref());
            }
        }
        query.locking.iter().for_each(|clause| self.locking(clause));
    }

    /// The clause with a space behind it.
    pub(super) fn with(&mut self, with: &WithClause) {
        self.push(if with.recursive {
            "WITH RECURSIVE "
        } else {
            "WITH "
        });
        self.separated(&with.ctes, ", ", Self::cte);
        self.push(" ");
    }

    fn cte(&mut self, cte: &Cte) {
        self.name(&cte.name);
        self.column_list(&cte.columns);
        self.push(match cte.materialized {
            Some(true) => " AS MATERIALIZED (",
            Some(false) => " AS NOT MATERIALIZED (",
            None => " AS (",
        });
        match &cte.query {
            CteQuery::Query(query) => self.query(query),
            CteQuery::Insert(insert) => self.insert(insert),
            CteQuery::Update(update) => self.update(update),
            CteQuery::Delete(delete) => self.delete(delete),
            CteQuery::Merge(merge) => self.merge(merge),
        }
        self.push(")");
        if let Some(search) = &cte.search {
            self.push(if search.breadth_first {
                " SEARCH BREADTH"
            } else {
                " SEARCH DEPTH"
            });
            self.push(" FIRST BY ");
            self.names(&search.columns);
            self.push(" SET ");
            self.name(&search.sequence_column);
        }
        if let Some(cycle) = &cte.cycle {
            self.push(" CYCLE ");
            self.names(&cycle.columns);
            self.push(" SET ");
            self.name(&cycle.mark_column);
            self.push(" TO ");
            self.constant(&cycle.mark_value);
            self.push(" DEFAULT ");
            self.constant(&cycle.mark_default);
            self.push(" USING ");
            self.name(&cycle.path_column);
        }
    }

    /// Where only a constant may stand, a cast is `type 'text'`.
    fn constant(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Cast(cast) => {
                self.type_name(&cast.type_name);
                self.push(" ");
                self.expr(&cast.arg);
            }
            _ => self.expr(expr),
        }
    }

    fn set_op(&mut self, set_op: &SetOp) {
        let operator = match (set_op.op, set_op.all) {
            (SetOperator::Union, false) => " UNION ",
            (SetOperator::Union, true) => " UNION ALL ",
            (SetOperator::Intersect, false) => " INTERSECT ",
            (SetOperator::Intersect, true) => " INTERSECT ALL ",
            (SetOperator::Except, false) => " EXCEPT ",
            (SetOperator::Except, true) => " EXCEPT ALL ",
        };
        self.separated(&set_op.inputs, operator, |w, input| {
            if input.is_bare() {
                w.query(input);
            } else {
                w.push("(");
                w.query(input);
                w.push(")");
            }
        });
    }

    fn select(&mut self, select: &Select) {
        self.push("SELECT");
        match &select.distinct {
            Distinct::All => {}
            Distinct::Distinct => self.push(" DISTINCT"),
            Distinct::On(exprs) => {
                self.push(" DISTINCT ON ");
                self.function("", exprs);
            }
        }
        if !select.targets.is_empty() {
            self.push(" ");
            self.select_items(&select.targets);
        }
        self.clause("FROM", &select.from, Self::range_item);
        self.expr_clause("WHERE", select.filter.as_ref());
        let keyword = if select.group_distinct {
            "GROUP BY DISTINCT"
        } else {
            "GROUP BY"
        };
        self.clause(keyword, &select.group_by, Self::group_item);
        self.expr_clause("HAVING", select.having.as_ref());
        self.clause("WINDOW", &select.windows, |w, window| {
            w.name(window.name.as_deref().unwrap_or_default());
            w.push(" AS ");
            w.window(window);
        });
    }

    pub(super) fn select_items(&mut self, items: &[SelectItem]) {
        self.separated(items, ", ", |w, item| {
            w.expr(&item.expr);
            if let Some(alias) = &item.alias {
                w.push(" AS ");
                w.name(alias);
            }
        });
    }

    fn group_item(&mut self, item: &GroupItem) {
        let (keyword, items) = match item {
            GroupItem::Expr(expr) => return self.expr(expr),
            GroupItem::Empty => return self.push("()"),
            GroupItem::Rollup { items, .. } => ("ROLLUP (", items),
            GroupItem::Cube { items, .. } => ("CUBE (", items),
            GroupItem::GroupingSets { items, .. } => ("GROUPING SETS (", items),
        };
        self.push(keyword);
        self.separated(items, ", ", Self::group_item);
        self.push(")");
    }

    fn locking(&mut self, clause: &LockingClause) {
        self.push(match clause.strength {
            LockStrength::KeyShare => " FOR KEY SHARE",
            LockStrength::Share => " FOR SHARE",
            LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
            LockStrength::Update => " FOR UPDATE",
        });
        self.clause("OF", &clause.relations, Self::relation);
        self.push(match clause.wait {
            LockWait::Block => "",
            LockWait::SkipLocked => " SKIP LOCKED",
            LockWait::NoWait => " NOWAIT",
        });
    }
}

impl Query {
    /// A SELECT or VALUES without clauses of its own, which needs no parentheses as an operand.
    fn is_bare(&self) -> bool {
        !matches!(self.body, QueryBody::SetOp(_))
            && self.with.is_none()
            && self.order_by.is_empty()
            && self.limit.is_none()
            && self.offset.is_none()
            && self.locking.is_empty()
    }
}
